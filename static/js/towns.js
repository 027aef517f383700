// A postcode offers its towns; where it has one alone, that is filled in. What somebody typed stays.

const filled = new WeakMap(); // town field → what we wrote into it
let asked = 0;

async function townsOf(postcode, country) {
  const query = new URLSearchParams({ postcode, country });
  const answer = await fetch(`/crm/towns/?${query}`, { headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).towns : [];
}

function offer(city, towns) {
  let list = document.getElementById(city.getAttribute("list"));
  if (!list) {
    list = document.createElement("datalist");
    list.id = `${city.id}-towns`;
    city.after(list);
    city.setAttribute("list", list.id);
  }
  list.replaceChildren(...towns.map((name) => Object.assign(document.createElement("option"), { value: name })));
  const ours = city.value === "" || city.value === filled.get(city);
  if (towns.length !== 1 || !ours) return;
  city.value = towns[0];
  filled.set(city, towns[0]);
  city.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", async (event) => {
  const field = event.target;
  if (!field.matches?.('input[name="postcode"]') || !field.form) return;
  const { city, country } = field.form.elements;
  const postcode = field.value.replace(/\s/g, "");
  if (!city || !/^\d{5}$/.test(postcode)) return;
  asked += 1;
  const mine = asked;
  try {
    const towns = await townsOf(postcode, country?.value ?? "FR");
    if (mine === asked) offer(city, towns);
  } catch {
    // Without an answer the field is a plain one.
  }
});

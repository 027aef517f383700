// A deal is won: a second of confetti over the page (`dw:cheer`), for those who allow motion.

const COLOURS = ["--dw-accent", "--dw-good", "--dw-warn", "--dw-info"];
const SECOND = 1000;

function pieces(width, height, colours) {
  return Array.from({ length: 90 }, (_, place) => ({
    x: width / 2 + (Math.random() - 0.5) * width * 0.3,
    y: height * 0.35,
    vx: (Math.random() - 0.5) * width * 0.0016,
    vy: -Math.random() * height * 0.0013 - 0.15,
    turn: Math.random() * Math.PI,
    spin: (Math.random() - 0.5) * 0.02,
    size: 5 + Math.random() * 5,
    colour: colours[place % colours.length],
  }));
}

function cheer() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || document.querySelector(".dw-cheer")) return;
  const canvas = document.createElement("canvas");
  canvas.className = "dw-cheer";
  canvas.setAttribute("aria-hidden", "true");
  canvas.width = innerWidth;
  canvas.height = innerHeight;
  document.body.append(canvas);
  const pen = canvas.getContext("2d");
  // A probe resolves light-dark(), which a canvas does not know.
  const probe = document.createElement("span");
  canvas.after(probe);
  const colours = COLOURS.map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  const paper = pieces(canvas.width, canvas.height, colours);
  const begun = performance.now();
  let last = begun;
  requestAnimationFrame(function draw(now) {
    const age = now - begun;
    const step = now - last;
    last = now;
    if (age > SECOND) return canvas.remove();
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.globalAlpha = Math.min(1, (SECOND - age) / 300);
    for (const piece of paper) {
      piece.vy += 0.0022 * step;
      piece.x += piece.vx * step;
      piece.y += piece.vy * step;
      piece.turn += piece.spin * step;
      pen.save();
      pen.translate(piece.x, piece.y);
      pen.rotate(piece.turn);
      pen.fillStyle = piece.colour;
      pen.fillRect(-piece.size / 2, -piece.size / 4, piece.size, piece.size / 2);
      pen.restore();
    }
    requestAnimationFrame(draw);
  });
}

document.body.addEventListener("dw:cheer", cheer);

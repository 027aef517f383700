"""The people who sign in."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth import load_backend
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, EmailKeyField, SearchTextField
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.models import Record
from digiweb.querysets import ScopedQuerySet, people_in, reach_of
from digiweb.scopes import OwnerScope
from people.models.role import Role

GRANT_BACKEND = "people.backends.GrantBackend"


class DepartmentQuerySet(models.QuerySet):
    """Departments by name."""

    def named(self, name: str) -> "Department | None":
        """The department of this name; case does not matter."""
        found: Any = self.filter(name__iexact=name).first()
        return found  # type: ignore[no-any-return]


class Department(models.Model):
    """A part of the company, such as Sales or Support."""

    name = models.CharField(_("name"), max_length=80, unique=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserQuerySet(ScopedQuerySet):
    """People: who is active, who can be given work."""

    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def granted(self, module: str, action: str) -> "UserQuerySet":
        """Those whose role allows this action of a module, however far."""
        roles = Role.objects.filter(grants__module=module, grants__action=action)
        return self.filter(models.Q(is_superuser=True) | models.Q(role__in=roles))

    def within_reach(self, user: Any, module: str, action: str) -> "UserQuerySet":
        """The active people whose records `user` may do `action` on: to choose an owner among."""
        reach = reach_of(user, module, action)
        if reach is None:
            return self.none()
        people = self.active().order_by("sort_name", "id")
        return people if reach == "all" else people.filter(pk__in=people_in(user, reach))

    def owner_in_reach(self, user: Any, module: str, number: int, action: str = "view") -> "UserQuerySet":
        """The person of this number, active or not, if `user` may do `action` on rows of theirs."""
        reach = reach_of(user, module, action)
        if reach is None or (reach != "all" and number not in people_in(user, reach)):
            return self.none()
        return self.filter(pk=number)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Creates people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        # Whoever makes the first account has joined: nobody invites them.
        fields.setdefault("joined_at", timezone.now())
        return self.create_user(email, password, is_superuser=True, **fields)


class User(Record, AbstractBaseUser):
    """A member of the staff. Rows are never deleted: whoever is removed leaves a name (`FormerMember`)."""

    module = "people.user"
    ownership = OwnerScope("id")
    label_fields = ("first_name", "last_name", "email", "photo")

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        INVITED = "invited", _("Invited")
        # Known from elsewhere, or deactivated before they joined: an invitation opens the house to them.
        TO_INVITE = "to_invite", _("To invite")
        INACTIVE = "inactive", _("Inactive")
        REMOVED = "removed", _("Removed")

    email = EmailKeyField(_("e-mail"), unique=True)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    photo = models.ImageField(_("photo"), upload_to="photos", blank=True)
    role = models.ForeignKey(
        Role, models.PROTECT, verbose_name=_("role"), null=True, blank=True, related_name="people"
    )
    department = models.ForeignKey(
        Department,
        models.SET_NULL,
        verbose_name=_("department"),
        null=True,
        blank=True,
        related_name="people",
    )
    manager = models.ForeignKey(
        "self", models.SET_NULL, verbose_name=_("manager"), null=True, blank=True, related_name="reports"
    )
    start_date = models.DateField(_("start date"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_superuser = models.BooleanField(_("superuser"), default=False)
    # Has set a password of their own: until then the person is invited.
    joined_at = models.DateTimeField(_("joined on"), null=True, blank=True, editable=False)
    # Left for good (people/services/removal.py): nothing of this account changes any more.
    removed_at = models.DateTimeField(_("removed on"), null=True, blank=True, editable=False)
    language = models.CharField(
        _("language"), max_length=5, choices=[("fr", _("French")), ("en", _("English"))], default="fr"
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    sort_name = DerivedCharField(max_length=210, source="derive_sort_name")
    search_text = SearchTextField(source="derive_search_text")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    objects = UserManager()  # type: ignore[assignment,misc]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["sort_name", "id"]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="people_user_by_name"),
            FullTextIndex(fields=["search_text"], name="people_user_words"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_absolute_url(self) -> str:
        return record_address("people:user_detail", self.pk)

    def derive_sort_name(self) -> str:
        return fold(f"{self.last_name} {self.first_name}").strip()[:210]

    def derive_search_text(self) -> str:
        return search_text([self.first_name, self.last_name, self.email, self.job_title])

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name

    @property
    def initials(self) -> str:
        letters = [name[:1] for name in (self.first_name, self.last_name) if name]
        return "".join(letters).upper() or self.email[:1].upper()

    @property
    def status(self) -> str:
        if self.removed_at:
            return self.Status.REMOVED
        if not self.is_active:
            return self.Status.INACTIVE if self.joined_at else self.Status.TO_INVITE
        return self.Status.ACTIVE if self.joined_at else self.Status.INVITED

    @property
    def status_label(self) -> str:
        return str(self.Status(self.status).label)

    @property
    def is_admin(self) -> bool:
        return self.is_superuser or bool(self.role and self.role.is_admin)

    @property
    def is_staff(self) -> bool:
        """Django's name for those who may open its admin."""
        return self.is_active and self.is_admin

    # --- Rights (DESIGN §2)

    @cached_property
    def grants(self) -> dict[tuple[str, str], str]:
        """(module, action) → scope, read once a request."""
        if self.role_id is None:
            return {}
        from people.models.role import Grant

        rows = Grant.objects.filter(role_id=self.role_id).values_list("module", "action", "scope")
        return {(module, action): scope for module, action, scope in rows}

    @cached_property
    def team_ids(self) -> list[int]:
        """Me first, then everybody I manage, directly or not; a loop in the data ends the walk."""
        reports: dict[int, list[int]] = {}
        people = User.objects.filter(manager__isnull=False).order_by("id")
        for person, manager in people.values_list("id", "manager_id"):
            reports.setdefault(manager, []).append(person)
        found, queue = [self.pk], [self.pk]
        seen = {self.pk}
        while queue:
            for person in reports.get(queue.pop(0), []):
                if person not in seen:
                    seen.add(person)
                    found.append(person)
                    queue.append(person)
        return found

    def scope(self, module: str, action: str) -> str | None:
        """How far this person may do `action` on `module`: own, team, all, or None."""
        if not self.is_active:
            return None
        if self.is_superuser:
            return "all"
        return self.grants.get((module, action))

    def can(self, module: str, action: str, obj: Any = None) -> bool:
        """Whether this person may do `action` on `module`, and on this very record when given."""
        if self.scope(module, action) is None:
            return False
        return obj is None or type(obj).objects.visible_to(self, action).filter(pk=obj.pk).exists()

    def may(self, action: str, seen: Any) -> bool:
        """Whether `action` is allowed on a record that this person was just shown.

        Where both actions reach as far, what is seen is within reach: no need to ask the database again.
        """
        reach = self.scope(seen.module, action)
        alike = reach == self.scope(seen.module, "view")
        return reach is not None and (alike or self.can(seen.module, action, seen))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return bool(load_backend(GRANT_BACKEND).has_perm(self, perm, obj=obj))

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        backend: Any = load_backend(GRANT_BACKEND)
        return bool(backend.has_module_perms(self, app_label))

    def mark_joined(self) -> None:
        """The person has set a password: from invited to active."""
        self.joined_at = timezone.now()

    @property
    def photo_url(self) -> str:
        """Where the photo is served to those who signed in; empty without one."""
        return str(self.photo.url) if self.photo else ""

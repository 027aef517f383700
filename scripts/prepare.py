"""What `make run` does inside the virtual environment: migrations and demo data, in one start of Django."""

import os


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digiweb.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    call_command("seed_demo", "--if-empty")


if __name__ == "__main__":
    main()

"""`python -m leadwake` is `leadwake`."""

from leadwake.cli.main import main

if __name__ == "__main__":
    main()

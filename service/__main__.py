"""``python -m service``: the command ``duijie``."""

from service.cli import main

if __name__ == "__main__":
    main()

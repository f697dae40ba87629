"""``python -m service``: the command ``duijie``."""

from service.commands.cli import main

if __name__ == "__main__":
    main()

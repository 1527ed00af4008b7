from tests.support.fixtures import process, start

__all__ = ["process", "start"]

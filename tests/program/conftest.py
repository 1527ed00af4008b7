from tests.support.pages import process, static, web_backend

__all__ = ["process", "static", "web_backend"]

"""Somebody else's site, on which widgets and frames stand."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

EXAMPLE = Path(__file__).parents[2] / "examples" / "portal"


class Host:
    """Somebody else's site: one page, with whatever a test puts in it, and files by their addresses."""

    def __init__(self) -> None:
        self.body = ""
        self.files: dict[str, str] = {}
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                head = '<!doctype html><html lang="zh-CN"><title>门户</title>'
                page = f"{head}<main><h1>区域门户</h1>{host.body}</main>"
                kind = "text/css" if self.path.endswith(".css") else "text/html"
                self.send_response(200)
                self.send_header("content-type", f"{kind}; charset=utf-8")
                self.end_headers()
                self.wfile.write(host.files.get(self.path, page).encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that is overridden
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def put_example(self, platform: str, site_key: str, need: str) -> str:
        """The example portal, with the three things changed that it asks to change. Its address."""
        changed = {
            "http://127.0.0.1:8000": platform,
            "djs_your-site-key": site_key,
            "00000000-0000-0000-0000-000000000000": need,
        }
        page = (EXAMPLE / "index.html").read_text(encoding="utf-8")
        for example, own in changed.items():
            page = page.replace(example, own)
        style = (EXAMPLE / "portal.css").read_text(encoding="utf-8")
        self.files = {"/portal/": page, "/portal/portal.css": style}
        return f"{self.origin}/portal/"

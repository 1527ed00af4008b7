"""The extension application: options, and the owner of everything that the extension starts."""

from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from traitlets import Float, Int, List, TraitError, Unicode, validate

from jupyter_trame.extension.activity import Activity
from jupyter_trame.extension.app_control import AppControl
from jupyter_trame.extension.app_events import AppEvents
from jupyter_trame.extension.culling import Culling
from jupyter_trame.extension.ended_apps import EndedApps
from jupyter_trame.extension.igor_routes import IgorConnections
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.launcher import Launcher
from jupyter_trame.extension.narvi_kernels import NarviKernels
from jupyter_trame.extension.narvi_services import NarviServices
from jupyter_trame.extension.narvi_store import NarviStore
from jupyter_trame.extension.relay import RelayOptions
from jupyter_trame.extension.relays import Relays
from jupyter_trame.extension.routes import routes
from jupyter_trame.extension.server_models import ServerModels
from jupyter_trame.extension.starts import Starts
from jupyter_trame.files.folders import STATIC
from jupyter_trame.files.page_policy import POLICY_HEADER, PagePolicy, check_sources, is_framed_by_itself
from jupyter_trame.protocol import Limits

__all__ = ["TrameExtension"]

_DEFAULTS = Limits()
_KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"


class TrameExtension(ExtensionApp):
    """Pages and sockets for the trame servers that run in this server's kernels."""

    name = "jupyter_trame"
    description = "Trame servers of kernels, in notebooks, lab tabs and pages of their own."

    ping_interval = Float(
        25.0,
        help="(seconds) Time between pings on a client's websocket; a client that misses three is dropped. 0: none.",
    ).tag(config=True)
    max_frame_size = Int(
        _DEFAULTS.frame,
        help="(bytes) Largest websocket frame; clients are told, and send larger messages in several frames.",
    ).tag(config=True)
    max_message_size = Int(
        _DEFAULTS.message, help="(bytes) Largest message that a client may send, in however many frames."
    ).tag(config=True)
    max_client_queue = Int(
        _DEFAULTS.client_queue,
        help="(bytes) Messages that may wait for a client that reads too slowly; with more it is dropped.",
    ).tag(config=True)
    grace = Float(
        _DEFAULTS.grace,
        help="(seconds) How long a lost connection can be resumed, and a server's link is kept without clients. Over a "
        "restart of this server kernels keep sessions for 60 s, whatever is set here.",
    ).tag(config=True)
    app_start_timeout = Float(
        60.0, help="(seconds) How long a registered app may take to start, its kernel's start included."
    ).tag(config=True)
    app_kernel_name = Unicode(
        "", help="The kernel specification that registered apps run in. Empty: the server's default."
    ).tag(config=True)

    app_idle_timeout = Float(
        0.0,
        help="(seconds) An app that was started in a kernel of its own is ended when no user did anything in it for "
        "so long, whether its pages are open or not. 0: never.",
    ).tag(config=True)

    max_narvi_kernels = Int(
        100,
        help="(kernels) How many kernels of narvi services may run at a time; one more is refused with the status 503.",
    ).tag(config=True)
    narvi_request_timeout = Float(
        30.0, help="(seconds) How long a request service of narvi may take to answer; the status is 504 then."
    ).tag(config=True)

    connect_src = List(
        Unicode(),
        help="What pages of apps may fetch from and open sockets to, beside this server: sources of a content policy, "
        "as 'https://tiles.example'. An app may name more by itself.",
    ).tag(config=True)
    frame_ancestors = List(
        Unicode(),
        help="Whose pages may show pages of apps in a frame, beside those of this server; jupyter-server's own policy "
        "has to allow it too.",
    ).tag(config=True)

    relays: Relays
    """Set by `initialize_handlers`."""
    igor_connections: IgorConnections
    """The same."""
    narvi: NarviServices
    """The same."""
    culling: Culling | None = None
    """What ends idle apps; None: nothing."""
    ended_apps: EndedApps
    """What ends the kernels of apps that have ended themselves."""

    @validate(
        "max_frame_size",
        "max_message_size",
        "max_client_queue",
        "app_start_timeout",
        "max_narvi_kernels",
        "narvi_request_timeout",
    )
    def _validate_positive(self, proposal: Any) -> Any:
        if proposal["value"] <= 0:
            raise TraitError(f"{proposal['trait'].name} must be more than 0, not {proposal['value']}")
        return proposal["value"]

    @validate("ping_interval", "grace", "app_idle_timeout")
    def _validate_not_negative(self, proposal: Any) -> Any:
        if proposal["value"] < 0:
            raise TraitError(f"{proposal['trait'].name} must be at least 0, not {proposal['value']}")
        return proposal["value"]

    @validate("connect_src", "frame_ancestors")
    def _validate_sources(self, proposal: Any) -> Any:
        try:
            return list(check_sources(proposal["trait"].name, proposal["value"]))
        except ValueError as error:
            raise TraitError(str(error)) from None

    def initialize_handlers(self) -> None:
        """Make the services and the handlers that use them."""
        app = self._server_app
        limits = Limits(
            frame=self.max_frame_size,
            message=self.max_message_size,
            client_queue=self.max_client_queue,
            grace=self.grace,
        )
        times = app.web_app.settings["last_activity_times"]
        kernels = Kernels(app.kernel_manager, self.log, activity=Activity(app.kernel_manager, times))
        events = AppEvents(app.event_logger)
        self.relays = Relays(
            kernels, options=RelayOptions(limits=limits), on_viewer=events.viewer, logger=self.log
        )
        self.igor_connections = IgorConnections(kernels)
        launcher = Launcher(
            app.session_manager,
            app.kernel_manager,
            kernels,
            timeout=self.app_start_timeout,
            kernel_name=self.app_kernel_name or None,
        )
        models = ServerModels(self.relays, launcher, app.kernel_manager, app.session_manager)
        control = AppControl(
            launcher, kernels, models, events, app.contents_manager, timeout=self.app_start_timeout
        )
        if self.app_idle_timeout > 0:
            self.culling = Culling(launcher, kernels, control, timeout=self.app_idle_timeout)
            # Handlers are made before the loop turns.
            app.io_loop.add_callback(self.culling.start)
        self.ended_apps = EndedApps(launcher, kernels, control)
        app.io_loop.add_callback(self.ended_apps.start)
        self.starts = Starts()
        self.narvi = self._make_narvi(kernels)
        policy = PagePolicy(tuple(self.connect_src), tuple(self.frame_ancestors))
        self.handlers.extend(
            routes(
                self.relays,
                self.igor_connections,
                control,
                self.starts,
                self.narvi,
                static=STATIC,
                ping_interval=self.ping_interval,
                message_limit=self.max_message_size,
                policy=policy,
            )
        )
        if app.event_logger is not None:
            app.event_logger.add_listener(schema_id=_KERNEL_ACTIONS, listener=self._on_kernel_action)

    async def stop_extension(self) -> None:
        """End all connections; called when the server stops."""
        events = self._server_app.event_logger
        if events is not None:
            events.remove_listener(schema_id=_KERNEL_ACTIONS, listener=self._on_kernel_action)
        if self.culling is not None:
            await self.culling.close()
        await self.ended_apps.close()
        await self.starts.close()
        self.igor_connections.close()
        await self.narvi.close()
        await self.relays.close()
        await self.relays.kernels.close()

    def current_activity(self) -> int | None:
        """Open views keep a server up that would stop without activity."""
        return self.relays.clients + self.igor_connections.clients + self.narvi.sessions or None

    def _make_narvi(self, kernels: Kernels) -> NarviServices:
        app = self._server_app
        narvi_kernels = NarviKernels(
            app.session_manager,
            app.kernel_manager,
            kernels,
            start_timeout=self.app_start_timeout,
            most=self.max_narvi_kernels,
            kernel_name=self.app_kernel_name or None,
        )
        narvi = NarviServices(
            app.kernel_manager,
            narvi_kernels,
            NarviStore(Path(jupyter_data_dir()) / "jupyter_trame" / "narvi.json"),
            base_url=app.base_url,
            request_timeout=self.narvi_request_timeout,
            frames=self._admits_frames,
        )
        # Handlers are made before the loop turns.
        app.io_loop.add_callback(narvi.begin)
        return narvi

    def _admits_frames(self) -> bool:
        """Whether pages of the server may show others of its own in frames. A hub says so after extensions are made."""
        headers = self._server_app.web_app.settings.get("headers", {})
        return is_framed_by_itself(headers.get(POLICY_HEADER, ""))

    @property
    def _server_app(self) -> ServerApp:
        assert self.serverapp is not None
        return self.serverapp

    async def _on_kernel_action(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:  # noqa: ARG002
        """jupyter-server started, restarted or ended a kernel."""
        if data.get("action") != "interrupt":
            kernel_id = str(data.get("kernel_id"))
            self.relays.kernels.restarted(kernel_id)
            self.relays.kernel_changed(kernel_id)

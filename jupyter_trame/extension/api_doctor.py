"""What is wrong, and the commands that mend it."""

from jupyter_trame.extension.api_handler import ApiHandler
from jupyter_trame.extension.kernel_control import not_running
from jupyter_trame.extension.rights import requires
from jupyter_trame.extension.server_doctor import ServerDoctor

__all__ = ["AppDoctorHandler", "DoctorHandler"]


class DoctorHandler(ApiHandler):
    """``doctor``."""

    def initialize(self, *, doctor: ServerDoctor) -> None:
        """See `ServerDoctor`."""
        super().initialize()
        self._doctor = doctor

    @requires("read", "kernels")
    async def get(self) -> None:
        """The report of the Jupyter server."""
        self.answer((await self._doctor.examine()).as_dict())


class AppDoctorHandler(ApiHandler):
    """``servers/<kernel id>/<slug>/doctor``."""

    def initialize(self, *, doctor: ServerDoctor) -> None:
        """See `ServerDoctor`."""
        super().initialize()
        self._doctor = doctor

    @requires("read", "kernels")
    async def get(self, kernel_id: str, slug: str) -> None:
        """The report of one app, also of one that a kernel should have."""
        report = await self._doctor.examine_app(kernel_id, slug)
        if report is None:
            raise not_running(slug)
        self.answer(report.as_dict())

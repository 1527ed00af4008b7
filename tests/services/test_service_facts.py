"""What is known of instances."""

from tests.services.support import Hosted, app, run, service


def test_statuses_of_a_workspace() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app(), service("idle"))
        session, _ = await hosted.join()
        assert hosted.host.known.statuses("w") == {
            "service": {
                "instances": {
                    "x": [{"uptime": 0, "sessions": {session.id: {"app_name": "app", "uptime": 0}}}]
                },
                "apps": [],
            }
        }
        assert hosted.host.known.statuses("nowhere") == {}
        await hosted.host.close()

    run(scenario)

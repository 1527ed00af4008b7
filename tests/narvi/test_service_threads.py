from concurrent.futures import ThreadPoolExecutor

from jupyter_trame.narvi.service_threads import enter_service_thread, in_service_thread


def test_a_thread_is_one_of_a_service_when_it_says_so() -> None:
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        one.submit(enter_service_thread).result()
        assert one.submit(in_service_thread).result()
        assert not other.submit(in_service_thread).result()
    assert not in_service_thread()

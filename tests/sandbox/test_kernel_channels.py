"""The channels of a kernel: nothing that arrives on them waits unseen, and a client knows when its kernel hears it."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from queue import Empty
from typing import Any

import pytest
from jupyter_client.session import Session
from zmq.constants import SocketType
from zmq.sugar.context import Context

from referee.errors import HarnessError
from referee.sandbox.isolation import can_fork
from referee.sandbox.jail.kernel import _Streams
from referee.sandbox.nursery import Nursery, Plan
from referee.sandbox.provisioner import warm_kernel

TOPIC, OTHER = b"asked for", b"somebody else's"


@pytest.fixture
def publishing(tmp_path, monkeypatch) -> Iterator[tuple[_Streams, str]]:
    """A kernel's thread that publishes, and its address."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    address = f"ipc://{tmp_path}/iopub"
    context = Context()
    socket = context.socket(SocketType.XPUB)
    socket.bind(address)
    streams = _Streams(socket, session=Session(key=b"key"))
    streams.start()
    yield streams, address
    tidying: Any = streams._event_pipe_gc_task  # ended here, or asyncio would say at exit that nobody waited for it
    streams.schedule(tidying.cancel)
    while not tidying.done():
        time.sleep(0.001)
    streams.stop()
    streams.close()
    context.destroy(linger=0)


@contextmanager
def subscriber(address: str, topic: bytes = TOPIC) -> Iterator[Any]:
    """A socket that hears what is published about a topic; libzmq tells only of a topic that nobody else hears."""
    with Context() as context, context.socket(SocketType.SUB) as socket:
        socket.linger = 0
        socket.connect(address)
        socket.subscribe(topic)
        yield socket


def test_a_subscription_that_arrives_while_something_is_sent_is_welcomed(publishing):
    """A client is told that it is heard also where its subscription arrived in the midst of another message."""
    streams, address = publishing
    held, subscribed = threading.Event(), threading.Event()

    def send() -> None:
        held.set()
        subscribed.wait(10)
        time.sleep(0.3)  # it has reached the socket, and nobody has looked
        streams._really_send([OTHER, b"text"])

    streams.schedule(send)
    assert held.wait(10)
    with subscriber(address) as socket:
        subscribed.set()
        assert socket.poll(5000)
        assert socket.recv_multipart()[:2] == [TOPIC, b"<IDS|MSG>"]


def test_every_subscription_is_welcomed_while_much_is_sent(publishing):
    """However output and subscriptions meet, each subscription has its welcome and each message arrives in order."""
    streams, address = publishing
    for attempt in range(40):
        topic = f"{attempt:02}".encode()
        with subscriber(address, topic) as socket:
            for number in range(attempt % 4):
                streams.send_multipart([OTHER, str(number).encode()])
            assert socket.poll(5000)
            assert socket.recv_multipart()[0] == topic
            sent = [str(number).encode() for number in range(20)]
            for text in sent:
                streams.send_multipart([topic, text])
            assert [socket.recv_multipart()[1] for _ in sent] == sent


async def _ready(nursery: Nursery, deaf: bool) -> bool:
    """Whether a client finds its kernel ready; a deaf one hears answers alone, no welcome."""
    with warm_kernel(Plan(lean=True), nursery) as manager:
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        if deaf:
            hear = client.iopub_channel.get_msg

            async def answers(timeout: float | None = None) -> object:
                message = await hear(timeout=timeout)
                if not message["parent_header"]:
                    raise Empty
                return message

            client.iopub_channel.get_msg = answers
        try:
            await client.wait_for_ready(timeout=20)
        except HarnessError:
            return False
        finally:
            client.stop_channels()
            await manager.provisioner.kill()
            await manager.cleanup_resources()
        return True


@pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux alone")
@pytest.mark.parametrize("deaf", [False, True])
def test_a_kernel_whose_welcome_is_lost_is_asked(deaf):
    """A kernel is ready when it has said anything: the welcome, or what it reports of a question."""
    with closing(Nursery(spares=0)) as nursery:
        assert asyncio.run(_ready(nursery, deaf))

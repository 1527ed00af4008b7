"""What the links know at a moment."""

from jupyter_trame.kernel.link_facts import take_facts
from jupyter_trame.protocol import Limits
from jupyter_trame.transports.rendezvous import MESSAGES


def test_before_the_first_start_there_is_nothing() -> None:
    facts = take_facts(None, None, None, Limits())
    assert (facts.address, facts.trouble, facts.replicas, facts.comms) == (MESSAGES, "", (), ())
    assert take_facts(None, None, "the disk is full", Limits()).trouble == "the disk is full"

"""Classes of the drop-in that only differ in what they make: every object of ours is an instance of them."""

__all__ = ["StandIn"]


class StandIn(type):
    """A class that says ``_stands_in = True`` has the instances and subclasses of its base.

    Its own subclasses are ordinary ones.
    """

    def __instancecheck__(cls, instance: object) -> bool:
        return (
            isinstance(instance, cls.__mro__[1])
            if "_stands_in" in vars(cls)
            else super().__instancecheck__(instance)
        )

    def __subclasscheck__(cls, subclass: type) -> bool:
        return (
            issubclass(subclass, cls.__mro__[1])
            if "_stands_in" in vars(cls)
            else super().__subclasscheck__(subclass)
        )

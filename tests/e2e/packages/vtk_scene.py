"""A cone, drawn without a window."""

from typing import Any

__all__ = ["make_window"]


def make_window() -> Any:
    """A render window with an interactor."""
    import vtkmodules.vtkInteractionStyle
    import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 - both register what the classes below are made of
    from vtkmodules.vtkFiltersSources import vtkConeSource
    from vtkmodules.vtkInteractionStyle import vtkInteractorStyleTrackballCamera
    from vtkmodules.vtkRenderingCore import (
        vtkActor,
        vtkPolyDataMapper,
        vtkRenderer,
        vtkRenderWindow,
        vtkRenderWindowInteractor,
    )

    cone, mapper, actor = vtkConeSource(), vtkPolyDataMapper(), vtkActor()
    mapper.SetInputConnection(cone.GetOutputPort())
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(0.9, 0.5, 0.2)
    renderer, window = vtkRenderer(), vtkRenderWindow()
    renderer.AddActor(actor)
    renderer.SetBackground(0.12, 0.16, 0.24)
    renderer.ResetCamera()
    window.SetOffScreenRendering(1)
    window.SetSize(400, 260)
    window.AddRenderer(renderer)
    interactor = vtkRenderWindowInteractor()
    interactor.SetRenderWindow(window)
    interactor.SetInteractorStyle(vtkInteractorStyleTrackballCamera())
    window.SetInteractor(interactor)
    return window

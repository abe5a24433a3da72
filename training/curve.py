"""Draws a run's losses, and the share of held-out samples that are right throughout."""
import numpy as np
from PIL import Image, ImageDraw


def draw(curve, path, size=(900, 420)):
    """Losses logarithmically on the left scale; held-out samples right, 0 to 100 %, on the right one."""
    points = [c for c in curve if c.get("text")]
    if len(points) < 2:
        return
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    left, right, top, bottom = 60, size[0] - 60, 20, size[1] - 40
    batches = np.array([p["batch"] for p in points], float)
    across = lambda b: left + (b - batches[0]) / (batches[-1] - batches[0]) * (right - left)
    values = np.log([[max(1e-3, p["text"]), max(1e-3, p["dense"])] for p in points])
    low, high = values.min(), values.max() + 1e-6
    for column, colour, name in ((0, "#1f5fbf", "text"), (1, "#bf6a1f", "dense")):
        y = top + (high - values[:, column]) / (high - low) * (bottom - top)
        pen.line(list(zip(across(batches), y)), fill=colour, width=2)
        pen.text((right - 190, top + 14 * column), name + " loss", fill=colour)
    checks = [(p["batch"], p["held out"]["whole"]) for p in points if "held out" in p]
    for b, share in checks:
        x, y = across(b), bottom - share * (bottom - top)
        pen.ellipse([x - 3, y - 3, x + 3, y + 3], fill="#2a8a4a")
    if checks:
        pen.text((right - 190, top + 28), "held-out samples right, %", fill="#2a8a4a")
    for share in np.linspace(0, 1, 5):
        y = bottom - share * (bottom - top) - 6
        pen.text((8, y), f"{np.exp(low + share * (high - low)):.3f}", fill="black")
        pen.text((right + 12, y), f"{share * 100:.0f}", fill="#2a8a4a")
    pen.text((left, size[1] - 24), f"batch {points[0]['batch']} to {points[-1]['batch']}", fill="black")
    image.save(path)

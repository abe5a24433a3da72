"""Shares a batch out to threads: a processor's cores work on parts of it side by side and meet once a step."""
import concurrent.futures
import copy
import queue

import torch

from model import losses


class Crew:
    """Threads that share out the parts of a batch. Each has a copy of the model with gradients of its own and the weights of all."""

    def __init__(self, model, config, threads):
        self._config, self._copies = config, queue.SimpleQueue()
        self._models = [model] + [copy.deepcopy(model) for _ in range(threads - 1)]
        for other in self._models[1:]:
            for own, shared in zip(other.parameters(), model.parameters()):
                own.data = shared.data
        for m in self._models:
            self._copies.put(m)
        self._pool = concurrent.futures.ThreadPoolExecutor(threads)

    def gradients(self, parts, dense_only):
        """Leaves the batch's gradients in the model; the mean losses, of text and of seeing, as a tensor."""
        asked, patches = sum(part["weight"].sum() for part in parts), sum(len(part["kind"]) for part in parts)
        work = lambda part: self._part(part, part["weight"].sum() / asked, len(part["kind"]) / patches, dense_only)
        found = list((self._pool.map if len(self._models) > 1 else map)(work, parts))
        first, *others = self._models
        for other in others:
            for to, from_ in zip(first.parameters(), other.parameters()):
                if from_.grad is not None:
                    to.grad = from_.grad if to.grad is None else to.grad.add_(from_.grad)
                    from_.grad = None
        return sum(found)

    def _part(self, part, text_share, dense_share, dense_only):
        model = self._copies.get()
        try:
            text, dense = losses(*model(part, dense_only), part, self._config.classes)
            text, dense = text * text_share, dense * dense_share
            # Seeing is taught throughout, but the answer comes first once there is one.
            (dense if dense_only else text + .3 * dense).backward()
            return torch.stack((text, dense)).detach()      # not read here: a GPU would have to be waited for
        finally:
            self._copies.put(model)

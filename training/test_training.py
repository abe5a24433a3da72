"""python3 -m unittest -v, in this folder."""
import io
import json
import os
import struct
import tempfile
import unittest

import numpy as np
import torch
from PIL import Image

import evaluate
import gguf
import questions
from data import CLASSES, PATCH, Sampler, dense_targets, patchify
from model import Config, Muse, losses
from optimizer import _orthogonal
from scenes import SceneMaker, Thing, crop
from sprites import ENERGY, KINDS, plural
from tokenizer import Tokenizer, train


class Shared(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.maker = SceneMaker(5, variants=1, grounds=3)
        cls.tokens = train(670, exchanges=800)


class Scenes(Shared):
    def test_make_same_seed_same_scene(self):
        a, b = (SceneMaker(5, 1, 3).make(np.random.default_rng(3), (192, 192), 6, "table") for _ in range(2))
        self.assertTrue(np.array_equal(a.image, b.image))
        self.assertEqual(a.things, b.things)

    def test_make_every_style_boxes_lie_inside(self):
        for i, style in enumerate(["table", "shelf", "bars", "line"] * 6):
            scene = self.maker.make(np.random.default_rng(i), (240, 192), 10, style)
            self.assertEqual(scene.image.shape, (192, 240, 3))
            self.assertTrue(scene.things)
            for t in scene.things:
                self.assertTrue(0 <= t.box[0] < t.box[2] <= 1.001 and 0 <= t.box[1] < t.box[3] <= 1.001, (style, t))

    def test_make_table_box_follows_the_sprite(self):
        """Within the box the picture differs from the same table without things; what differs lies near boxes."""
        for seed in range(5):
            scene = self.maker.make(np.random.default_rng(seed), (192, 192), 1, "table")
            top, left, bottom, right = (int(v * 192) for v in scene.things[0].box)
            inside = scene.image[top:bottom, left:right].reshape(-1, 3).std(0).mean()
            self.assertGreater(inside, 8)

    def test_crop_keeps_only_what_is_clearly_in(self):
        for seed in range(30):
            rng = np.random.default_rng(seed)
            scene = self.maker.make(rng, (192, 192), 6, "table")
            close = crop(scene, rng, (192, 192))
            if close:
                self.assertLessEqual(len(close.things), len(scene.things))


class Questions(Shared):
    def exchanges(self, n, ability=None):
        for seed in range(n):
            rng = np.random.default_rng([9, seed])
            scene = self.maker.make(rng, (192, 192), 8, "table")
            yield scene, questions.ask(scene, rng, ability)

    def test_count_answer_is_what_is_there(self):
        for scene, e in self.exchanges(40, "count"):
            asked = [k for k in KINDS if plural(k) in e.turns[0][1]]
            self.assertIn(int(e.answer), [sum(t.kind == k for t in scene.things) for k in asked])

    def test_energy_expression_gives_the_answer(self):
        for scene, e in self.exchanges(60, "energy"):
            if e.ability == "count":
                self.assertTrue(any(t.kind not in ENERGY for t in scene.things))
                continue
            call = json.loads(evaluate._CALL.search(e.turns[-3][1])[1])
            self.assertEqual(e.answer, f"{evaluate.use_tool(json.dumps(call), {})} kcal")

    def test_locate_its_own_answer_scores_as_right(self):
        for scene, e in self.exchanges(40, "locate"):
            self.assertTrue(evaluate.right(e, [e.turns[-1][1]], scene.things))

    def test_right_box_moved_away_is_wrong(self):
        thing = Thing("egg", (.1, .1, .3, .3))
        e = questions.Exchange("locate", [], questions.loc_box(thing) + " egg")
        far = questions.loc_box(Thing("egg", (.6, .6, .8, .8))) + " egg"
        self.assertFalse(evaluate.right(e, [far], [thing]))

    def test_every_thought_opens_with_all_things(self):
        for scene, e in self.exchanges(60):
            seen = evaluate.places(e.turns[1][1].split("</think>")[0])
            self.assertEqual(sorted(k for k, _ in seen), sorted(t.kind for t in scene.things))
            self.assertEqual(len(evaluate.match(seen, scene.things)), len(scene.things))


class Words(Shared):
    def test_encode_digits_stay_single(self):
        ids = self.tokens.encode("1234 kcal and 95+105")
        self.assertEqual([self.tokens.tokens[i] for i in ids[:4]], list("1234"))

    def test_encode_kinds_are_one_token(self):
        for kind in KINDS:
            self.assertEqual(len(self.tokens.encode(" " + kind)), 1, kind)

    def test_encode_any_text_has_tokens(self):
        self.assertTrue(self.tokens.encode("Grüße, ça va? 日本 \n\n <|im_end|>"))

    def test_save_then_load_encodes_alike(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "t.json")
            self.tokens.save(path)
            text = "How many apples? <loc0016>"
            self.assertEqual(Tokenizer.load(path).encode(text), self.tokens.encode(text))


class Model(Shared):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        torch.manual_seed(0)
        cls.config = Config(vocabulary=len(cls.tokens.tokens), width=64, layers=2, heads=2, kv_heads=1, hidden=96, classes=len(CLASSES), dense_layer=1)
        cls.model = Muse(cls.config)
        sampler = Sampler(cls.tokens, 5, variants=1)
        cls.batch = sampler.batch(np.random.default_rng(2), 3, (8, 8), 3)

    def test_patchify_is_channels_then_rows(self):
        image = np.random.default_rng(0).integers(0, 256, (48, 72, 3), np.uint8)
        unfolded = torch.nn.functional.unfold(torch.from_numpy(image).permute(2, 0, 1)[None].float(), PATCH, stride=PATCH)[0].T
        self.assertTrue(torch.equal(torch.from_numpy(patchify(image)).float(), unfolded))

    def test_dense_targets_mark_each_centre(self):
        kind, centre, _ = dense_targets([Thing("egg", (0, 0, .2, .2)), Thing("cup", (.7, .7, .9, .9))], 8, 8)
        self.assertEqual(centre.sum(), 2)
        self.assertEqual({CLASSES[k] for k in kind if k}, {"egg", "cup"})

    def _logits(self, **changes):
        batch = self.batch | changes
        batch["asked"] = torch.arange(batch["ids"].numel())
        with torch.no_grad():
            return self.model(batch)[0].view(*batch["ids"].shape, -1)

    def test_forward_later_text_does_not_reach_back(self):
        ids = self.batch["ids"].clone()
        ids[:, 100:] = 7
        before, after = self._logits(), self._logits(ids=ids)
        self.assertTrue(torch.equal(before[:, :99], after[:, :99]))

    def test_forward_last_patch_reaches_first(self):
        patches = self.batch["patches"].clone()
        patches[63] = 255 - patches[63]
        first = int(self.batch["at"][0])
        self.assertFalse(torch.equal(self._logits()[0, first], self._logits(patches=patches)[0, first]))

    def test_step_repeated_loss_falls(self):
        import optimizer
        import train as training
        torch.manual_seed(1)
        model = Muse(self.config)
        made = optimizer.build(model, .02, .002)
        seen = [training.step(model, made, self.batch, self.config, False) for _ in range(12)]
        self.assertLess(seen[-1][0], seen[0][0] * .7)
        self.assertLess(seen[-1][1], seen[0][1])

    def test_orthogonal_singular_values_are_near_one(self):
        s = torch.linalg.svdvals(_orthogonal(torch.randn(2, 48, 32)).float())
        self.assertTrue(((s > .5) & (s < 1.4)).all(), s)

    def test_losses_perfect_text_is_near_zero(self):
        target = self.batch["target"]
        logits = torch.nn.functional.one_hot(target, self.config.vocabulary).float() * 50
        dense = torch.zeros(len(self.batch["kind"]), len(CLASSES) + 5)
        self.assertLess(losses(logits, dense, self.batch, len(CLASSES))[0].item(), 1e-4)


class Files(unittest.TestCase):
    def test_write_reads_back(self):
        w = gguf.Writer("llama")
        w.add("a.list", ["x", "yz"])
        matrix = np.arange(64, dtype=np.float32).reshape(2, 32)
        w.tensor("m", matrix, gguf.F16)
        w.tensor("n", matrix[0], gguf.F32)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "w.gguf")
            w.write(path)
            with open(path, "rb") as f:
                raw = f.read()
        self.assertEqual(raw[:4], b"GGUF")
        self.assertEqual(struct.unpack_from("<IQQ", raw, 4), (3, 2, 2))
        self.assertTrue(np.array_equal(np.frombuffer(raw[-128:], np.float32), matrix[0]))
        self.assertTrue(np.array_equal(np.frombuffer(raw[-256:-128], np.float16).astype(np.float32), matrix.ravel()))

    def test_quantise_error_is_within_half_a_step(self):
        a = np.random.default_rng(0).standard_normal((4, 64)).astype(np.float32)
        blocks = np.frombuffer(gguf.quantise(a), np.uint8).reshape(-1, 34)
        scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        back = (blocks[:, 2:].copy().view(np.int8) * scale).reshape(a.shape)
        self.assertLess(np.abs(back - a).max(), np.abs(a).max() / 127 * .6)


class Scores(unittest.TestCase):
    def test_interval_of_all_right_stays_below_hundred_at_its_low_end(self):
        p, low, high = evaluate.interval(20, 20)
        self.assertEqual(p, 100)
        self.assertTrue(80 < low < 90 and high > 99.9)

    def test_use_tool_only_arithmetic_is_evaluated(self):
        self.assertEqual(evaluate.use_tool('{"name":"calculator","arguments":{"expression":"2*95+1*78"}}', {}), "268")
        self.assertIsNone(evaluate.use_tool('{"name":"calculator","arguments":{"expression":"__import__(1)"}}', {}))
        self.assertIsNone(evaluate.use_tool("not json", {}))

    def test_picture_is_the_scene(self):
        import base64
        scene = SceneMaker(1, 1, 1).make(np.random.default_rng(0), (48, 48), 1, "bars")
        raw = base64.b64decode(evaluate.picture(scene)["image_url"]["url"].split(",")[1])
        self.assertTrue(np.array_equal(np.asarray(Image.open(io.BytesIO(raw))), scene.image))


if __name__ == "__main__":
    unittest.main()

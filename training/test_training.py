"""python3 -m unittest -v, in this folder."""
import collections
import contextlib
import copy
import io
import json
import os
import struct
import tempfile
import unittest
import unittest.mock

import machine
import numpy as np
import torch
from PIL import Image

import checkpoint
import compare
import crew
import curve
import evaluate
import export
import gguf
import kernels
import optimizer
import questions
import samples
import scoring
import serving
import teamwork
import train as training
from data import CLASSES, PATCH, Sampler, dense_targets, patchify
from model import Config, Muse, losses
from scenes import SceneMaker, Thing, crop
from sprites import ENERGY, KINDS, only_plural, plural
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
            self.assertTrue(scoring.right(e, [e.turns[-1][1]], scene.things))

    def test_ask_kind_spoken_of_as_several_has_no_singular_verb(self):
        self.assertTrue(only_plural("grapes") and not only_plural("broccoli"))
        things = [Thing("grapes", (.1, .1, .3, .3)), Thing("egg", (.6, .6, .8, .8))]
        for ability in ("locate", "side", "boxes", "nearest", "critique"):
            for seed in range(60):
                made = questions.ABILITIES[ability][0](np.random.default_rng(seed), things)
                if made:
                    self.assertNotRegex(made[0], "(every|[Ii]s the) grapes|^Are the egg|there are 1 egg")

    def test_right_box_moved_away_is_wrong(self):
        thing = Thing("egg", (.1, .1, .3, .3))
        e = questions.Exchange("locate", [], questions.loc_box(thing) + " egg")
        far = questions.loc_box(Thing("egg", (.6, .6, .8, .8))) + " egg"
        self.assertFalse(scoring.right(e, [far], [thing]))

    def test_every_thought_opens_with_all_things(self):
        for scene, e in self.exchanges(60):
            seen = scoring.places(e.turns[1][1].split("</think>")[0])
            self.assertEqual(sorted(k for k, _ in seen), sorted(t.kind for t in scene.things))
            self.assertEqual(len(scoring.match(seen, scene.things)), len(scene.things))


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
        torch.manual_seed(1)
        model = Muse(self.config)
        made, hands = optimizer.build(model, .02, .002), crew.Crew(model, self.config, 2)
        seen = [training.step(model, made, [self.batch], hands, False) for _ in range(12)]
        self.assertLess(seen[-1][0], seen[0][0] * .7)
        self.assertLess(seen[-1][1], seen[0][1])

    @unittest.mock.patch("model.COMPUTE", torch.float32)      # what bf16 rounds away is no difference
    def test_gradients_parts_on_threads_add_up_to_the_whole(self):
        sampler = Sampler(self.tokens, 6, variants=1)
        rows = [sampler.sample(np.random.default_rng(i), (8, 8), 3, "table") for i in range(4)]
        found = []
        for parts in ([rows], [rows[:1], rows[1:]]):
            torch.manual_seed(2)
            model = Muse(self.config)
            crew.Crew(model, self.config, 2).gradients([sampler.collate(p) for p in parts], dense_only=False)
            found.append(model.blocks[1].ffn_up.grad)      # beyond the dense head: from the text alone
        self.assertLess((found[0] - found[1]).norm(), 1e-3 * found[0].norm())

    def test_teamwork_speaks_as_the_strategies_do(self):
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src", "MuseWorkbench.Agents", "Strategies")
        sources = ""
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                sources += file.read()
        said = [line.strip() for line in sources.splitlines()]
        for text in teamwork.TEXTS:
            for line in text.strip().splitlines():
                self.assertTrue(line in said or line in sources, line)

    def test_teamwork_of_every_kind_ends_as_asked(self):
        sampler, ends = Sampler(self.tokens, 8, variants=1), collections.Counter()
        for i in range(120):
            _, exchange = sampler.teamwork(np.random.default_rng(i), (8, 8), 6)
            asked, said = exchange.turns[0][1], exchange.turns[-1][1].split("</think>")[-1]
            for mark in ("BEST: ", "RANKING: ", "ANSWER: "):
                if f"\n{mark}" in asked:
                    ends[mark] += 1
                    self.assertTrue(said.splitlines()[-1].startswith(mark), said)
                    if mark == "ANSWER: ":
                        self.assertEqual(said.splitlines()[-1], mark + exchange.answer)
                        self.assertIn(said.splitlines()[0], ("VERDICT: agree", "VERDICT: override"))
                    if mark == "BEST: ":
                        self.assertIn(f"Answer: {exchange.answer}\nANSWER {said[said.rindex(':') + 2:]}>>>", asked)
        self.assertEqual(len(ends), 3)

    @unittest.mock.patch("model.COMPUTE", torch.float32)
    def test_collate_even_is_filled_up_and_teaches_the_same(self):
        sampler = Sampler(self.tokens, 6, variants=1)
        rows = [sampler.sample(np.random.default_rng(i), (8, 8), 3) for i in range(3)]
        found = []
        for even in (False, True):
            model, batch = copy.deepcopy(self.model), sampler.collate(rows, even)
            text, dense = losses(*model(batch), batch, self.config.classes)
            (text + dense).backward()
            found.append([text, dense] + [p.grad for p in model.parameters()])
        self.assertEqual((batch["ids"].numel() % 2048, len(batch["patches"]) % 2048, len(batch["asked"]) % 1024), (0, 0, 0))
        for one, other in zip(*found):
            self.assertLess((one - other).norm(), 1e-3 * other.norm() + 1e-6)

    @unittest.skipUnless(kernels._LIBRARY, "no C compiler")
    @unittest.mock.patch("model.COMPUTE", torch.float32)
    def test_kernels_give_what_pytorch_gives(self):
        found = []
        for usable in (kernels.usable, lambda x, head: False):
            spoilt = [torch.full((n,), float("nan")) for n in (1 << 12, 1 << 14, 1 << 16) for _ in range(8)]
            del spoilt      # memory that is read before it is written now shows
            model = copy.deepcopy(self.model)
            with unittest.mock.patch.object(kernels, "usable", usable):
                text, dense = losses(*model(self.batch), self.batch, self.config.classes)
                (text + dense).backward()
            found.append([text, dense] + [p.grad for p in model.parameters()])
        for one, other in zip(*found):
            self.assertLess((one - other).norm(), 2e-3 * other.norm() + 1e-6)

    def test_put_into_a_larger_model_answers_stay(self):
        weights = {name: p.detach().numpy() for name, p in self.model.named_parameters()}
        larger = Muse(Config(**self.config.to_dict() | {"layers": 3, "hidden": 128}))
        fresh = checkpoint.put(larger, weights, self.tokens.tokens, self.tokens)
        self.assertTrue(fresh and all(name.startswith("blocks.2.") for name in fresh))
        with torch.no_grad():
            before, after = self.model(self.batch), larger(self.batch)
        for one, other in zip(before, after):
            self.assertLess((one - other).abs().max(), 1e-4)

    def test_put_word_that_is_new_starts_from_its_pieces(self):
        old = [t for t in self.tokens.tokens if t not in ("<loc0016>", "Ġapple")]
        table = np.random.default_rng(0).standard_normal((len(old), 4)).astype(np.float32)
        made = checkpoint._words(table, old, self.tokens)
        at = lambda t: table[old.index(t)]
        self.assertTrue(np.allclose(made[self.tokens.ids["<loc0016>"]], (at("<loc0000>") + at("<loc0032>")) / 2))
        self.assertTrue(np.isfinite(made[self.tokens.ids["Ġapple"]]).all())

    def test_put_into_a_narrower_model_is_refused(self):
        weights = {name: p.detach().numpy() for name, p in self.model.named_parameters()}
        narrower = Muse(Config(**self.config.to_dict() | {"hidden": 64}))
        with self.assertRaisesRegex(ValueError, "ffn"):
            checkpoint.put(narrower, weights, self.tokens.tokens, self.tokens)

    def test_schedule_falls_only_at_the_end(self):
        self.assertEqual([training.schedule(n, 100, 20) for n in (0, 80, 90)], [1, 1, .5])
        self.assertEqual(training.schedule(10 ** 6, 100, 0), 1)
        self.assertEqual([training.schedule(10 ** 6, 100, 0, minutes, 10, .5) for minutes in (0, 5, 7.5)], [1, 1, .5])

    def test_orthogonal_singular_values_are_near_one(self):
        s = torch.linalg.svdvals(optimizer._orthogonal(torch.randn(2, 48, 32)).float())
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


    def test_load_exported_files_give_the_weights_back(self):
        tokens = Tokenizer.load("tokenizer.json")
        c = Config(vocabulary=len(tokens.tokens), width=64, layers=1, heads=2, kv_heads=1, hidden=96, classes=len(CLASSES), dense_layer=1)
        weights = {k: v.numpy() for k, v in Muse(c).state_dict().items()}
        with tempfile.TemporaryDirectory() as folder:
            for file, writer in zip(serving.FILES, (export.text_part(weights, c, tokens, "T", False), export.image_part(weights, c, "T"))):
                writer.write(os.path.join(folder, file))
            back, words, _ = checkpoint.load(folder)
        self.assertEqual(words, tokens.tokens)
        for name, w in weights.items():
            if not name.startswith("dense"):
                self.assertTrue(np.allclose(back[name], w[:len(back[name])], atol=2e-3), name)

    def test_save_then_load_is_half_precision(self):
        weights = {"a": np.array([1.5, -2.25], np.float32)}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "c.npz")
            checkpoint.save(path, weights, {"width": 4}, ["x"], 9, [{"batch": 9}])
            back, words, about = checkpoint.load(path)
        self.assertTrue(np.array_equal(back["a"], weights["a"]))
        self.assertEqual((words, about["batch"], about["config"]), (["x"], 9, {"width": 4}))

    def test_read_damaged_file_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.gguf")
            with open(path, "wb") as f:
                f.write(b"GGUX\3\0\0\0")
            with self.assertRaisesRegex(ValueError, "GGUF"):
                gguf.read(path)

    def test_draw_curve_has_both_losses(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "c.png")
            curve.draw([{"batch": i, "text": 2 / i, "dense": 3 / i, "held out": {"whole": i / 10}} for i in range(1, 9)], path)
            drawn = np.asarray(Image.open(path)).reshape(-1, 3)
        for colour in ((0x1f, 0x5f, 0xbf), (0xbf, 0x6a, 0x1f), (0x2a, 0x8a, 0x4a)):
            self.assertTrue((drawn == colour).all(1).any(), colour)

    def test_crowded_holds_eight_things_or_more(self):
        for scene, exchange in samples.crowded(Sampler(None, [1], variants=1), 4):
            self.assertGreaterEqual(len(scene.things), 8)
            self.assertIn(exchange.ability, ("count", "count all", "describe", "compare"))

    def test_held_out_lists_every_picture_with_its_boxes(self):
        with tempfile.TemporaryDirectory() as folder:
            samples.write(folder, samples.held_out(Sampler(None, [1], variants=1), 3))
            with open(os.path.join(folder, "metadata.jsonl"), encoding="utf-8") as f:
                rows = [json.loads(line) for line in f]
            for row in rows:
                with Image.open(os.path.join(folder, row["file_name"])) as picture:
                    self.assertEqual(picture.size, (row["width"], row["height"]))
                self.assertEqual(len(row["objects"]["bbox"]), len(row["objects"]["categories"]))
                for x, y, w, h in row["objects"]["bbox"]:
                    self.assertTrue(-1 <= x and x + w <= row["width"] + 1 and -1 <= y and y + h <= row["height"] + 1)
        self.assertEqual(len(rows), 3)


class Scores(unittest.TestCase):
    def test_interval_of_all_right_stays_below_hundred_at_its_low_end(self):
        p, low, high = scoring.interval(20, 20)
        self.assertEqual(p, 100)
        self.assertTrue(80 < low < 90 and high > 99.9)

    def test_table_counts_by_ability_and_places(self):
        thing = Thing("egg", (.25, .25, .5, .5))
        said = questions.see([thing]) + " eggs: 1.</think>"
        tally = scoring.Tally()
        tally.add(questions.Exchange("count", [], "1"), [said + "1"], None, [thing])
        tally.add(questions.Exchange("count", [], "1"), [said + "2"], None, [thing, Thing("cup", (.6, .6, .9, .9))])
        tally.add(questions.Exchange("energy", [], "78 kcal"), [said + "<tool_call>{", "78 kcal"], False, [thing])
        rows = {name: (n, round(p)) for name, n, p, _, _ in tally.rows()}
        self.assertEqual(rows, {"count": (2, 50), "energy": (1, 100), "tool calls valid": (1, 0), "all": (3, 67)})
        mean, precision, recall, things = tally.places()
        self.assertGreater(mean, .85)
        self.assertEqual((precision, recall, things), (1, .75, 4))
        self.assertIn("| count | 2 | 50.0 |", scoring.table(tally, "T"))

    def test_scaling_many_agents_that_are_mostly_right_beat_one(self):
        rng = np.random.default_rng(3)
        said = np.where(rng.random((80, 16)) < .6, "right", rng.choice(["a", "b", "c"], (80, 16)))
        found = {n: p for n, p, _, _ in scoring.scaling(said, ["right"] * 80, (1, 8, 16), draws=20)}
        self.assertTrue(50 < found[1] < 70 and found[8] > found[1] + 15 and found[16] > found[8], found)

    def test_majority_tie_goes_to_the_first(self):
        self.assertEqual(scoring.majority(["b", "a", "a", "b"]), "b")

    def test_differences_names_where_answers_part(self):
        made = [([], questions.Exchange("count", [("user", "How many?")], "1"))] * 2
        parted = compare.differences(made, [["abc 1"], ["same"]], [["abc 2"], ["same"]])
        self.assertEqual(len(parted), 1)
        self.assertTrue(parted[0].startswith("0: 'How many?'") and "abc 2" in parted[0])

    def test_compare_without_paths_is_skipped(self):
        with unittest.mock.patch("sys.argv", ["compare.py"]), contextlib.redirect_stdout(io.StringIO()) as told:
            self.assertEqual(compare.main(), 0)
        self.assertIn("skipped", told.getvalue())

    def test_served_program_that_ends_is_told(self):
        with self.assertRaisesRegex(RuntimeError, "ended with code"), serving.served("/bin/false", "."):
            pass

    def test_converse_serves_tools_until_there_is_an_answer(self):
        class Scripted:
            said = ['<think>I see egg.</think><tool_call>{"name":"calculator","arguments":{"expression":"2*78"}}</tool_call>', "156 kcal"]

            def chat(self, messages, temperature, seed):
                if len(messages) > 1:
                    assert messages[-1] == {"role": "tool", "content": "156"}, messages
                return self.said[len(messages) // 2]

        e = questions.Exchange("energy", [("user", "How many calories is this?")], "156 kcal")
        replies, valid = evaluate.converse(Scripted(), [], e)
        self.assertTrue(valid and scoring.right(e, replies, []))

    def test_plates_are_of_the_easier_kind(self):
        for images, e in evaluate.plates(Sampler(None, [1], variants=1), 12, 0):
            self.assertEqual(images[0].image.shape, (192, 192, 3))
            self.assertTrue(len(images[0].things) <= 6 and {t.kind for t in images[0].things} <= set(evaluate.PLATE_KINDS))
            self.assertIn(e.ability, evaluate.PLATE_ABILITIES)

    def test_products_are_right_on_this_machine(self):
        self.assertTrue(machine.right())
        self.assertIn(machine.fastest(), (torch.float32, torch.bfloat16))

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

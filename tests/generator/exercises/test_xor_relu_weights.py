"""Two ReLUs on XOR-like points: the recitation's own instance, and drawn ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.representation.xor_relu_weights import XorReluWeights
from generator.model import records
from generator.model.answers import Witness
from generator.model.errors import AuthoringError, Disagreement
from generator.model.exercise import WitnessPart
from generator.model.figure import Label, Mark
from generator.model.values import Vector, exact
from generator.sampling import Rng, seed

SOURCE: dict[str, Any] = {
    "points": exact([[1, 1], [1, -1], [-1, 1], [-1, -1]]),
    "labels": exact([1, -1, -1, 1]),
    "given": {
        "W1": exact([[1, 1], [-1, -1]]),
        "b1": exact([0, 0]),
        "w2": exact([1, 1]),
        "b2": Fraction(-1),
    },
    "predicate": "strict",
    "integer_only": False,
    "count_errors": False,
    "minimum_units": False,
}
FITS = XorReluWeights(**{**SOURCE, "predicate": "exact"})
WHOLE = XorReluWeights(**{**SOURCE, "integer_only": True})
SIGNS = XorReluWeights(**SOURCE)

OPTIONS = [
    {"layout": layout, "predicate": predicate, "integer_only": whole, "flipped": flipped}
    | {"count_errors": more, "minimum_units": more}
    for layout, predicate, (whole, flipped, more) in product(
        ("axis", "affine", "general"), ("strict", "exact"), product((False, True), repeat=3)
    )
]


def net(W1: Any, b1: Any, w2: Any, b2: Any) -> dict[str, Vector]:
    return {"W1": exact(W1), "b1": exact(b1), "w2": exact(w2), "b2": exact(b2)}


def witness_part(name: str) -> WitnessPart:
    part = XorReluWeights.parts[name]
    assert isinstance(part, WitnessPart)
    return part


def failures(exercise: XorReluWeights, name: str, value: Mapping[str, Any]) -> list[str]:
    return witness_part(name).failures(exercise, value)


def shown(exercise: XorReluWeights, name: str, value: Mapping[str, Any]) -> list[str]:
    """The mistakes of a witness part that do the same as `value`."""
    part, truths = witness_part(name), exercise.truths()
    found = []
    for mistake in part.mistakes:
        wrong = part.mistaken(mistake, exercise, truths[name], {})
        if isinstance(wrong, Witness) and part.same(exercise, wrong, value):
            found.append(mistake)
    return found


def drawn(options: Mapping[str, Any], number: int) -> XorReluWeights:
    found = certify(XorReluWeights, Rng(seed(b"xor", number)), options).exercise
    assert isinstance(found, XorReluWeights)
    return found


def computed(points: Any, W1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """f in floating point, by numpy: an evaluator that shares nothing with the exercise's."""
    W1, b1, w2 = (np.asarray(each, dtype=float) for each in (W1, b1, w2))
    hidden = np.clip(np.einsum("ij,nj->ni", W1, np.asarray(points, dtype=float)) + b1, 0, None)
    return hidden.dot(w2) + float(b2)


class TestTheRecitation:
    def test_the_published_table(self) -> None:
        assert SIGNS.truths()["forward_table"].value.tolist() == [
            [2, -2, 2, 0, 1],
            [0, 0, 0, 0, -1],
            [0, 0, 0, 0, -1],
            [-2, 2, 0, 2, 1],
        ]

    @pytest.mark.parametrize("exercise", [SIGNS, FITS, WHOLE])
    def test_the_published_weights_are_right_and_ours(self, exercise: XorReluWeights) -> None:
        published = net([[1, 1], [-1, -1]], [0, 0], [1, 1], -1)
        assert failures(exercise, "weights", published) == []
        assert exercise.truths()["weights"].near(published)

    def test_the_means_coincide(self) -> None:
        halves = exact(["1/2", "1/2"])
        truth = SIGNS.truths()["inseparability_certificate"]
        assert truth.near({"positive": halves, "negative": halves})
        assert SIGNS.truths()["raw_separable"].value == {"no"}

    def test_it_passes_certification(self) -> None:
        for exercise in (SIGNS, FITS, WHOLE):
            examine(exercise, exercise.truths())

    def test_its_fields_survive_json(self) -> None:
        again = XorReluWeights(**records.decode(json.loads(records.dumps(SOURCE))))
        assert records.dumps(again.truths()) == records.dumps(SIGNS.truths())

    def test_the_table_without_relu_is_minus_one_everywhere(self) -> None:
        part, truth = XorReluWeights.parts["forward_table"], SIGNS.truths()["forward_table"]
        wrong = part.mistaken("forgot_relu", SIGNS, truth, {})
        assert wrong is not None
        assert wrong.value[:, -1].tolist() == [-1, -1, -1, -1]
        assert wrong.value[:, 2:4].tolist() == wrong.value[:, :2].tolist()


# The outputs are those of the catalogue, section 1.2.
SEEDED = [
    ("no_bias", net([[1, 1], [-1, -1]], [0, 0], [1, 1], 0), (2, 0, 0, 2)),
    ("identity_W1", net([[1, 0], [0, 1]], [0, 0], [1, 1], -1), (1, 0, 0, -1)),
    ("same_rows", net([[1, 1], [1, 1]], [0, 0], [1, 1], -1), (3, -1, -1, -1)),
    ("opposite_w2", net([[1, 1], [-1, -1]], [0, 0], [1, -1], -1), (1, -1, -1, -3)),
    ("flipped_labels", net([[1, 1], [-1, -1]], [0, 0], [-1, -1], 1), (-1, 1, 1, -1)),
    ("weights_for_01_xor", net([[1, 1], [1, 1]], [0, -1], [1, -2], 0), (0, 0, 0, 0)),
]


@pytest.mark.parametrize(("mistake", "wrong", "outputs"), SEEDED, ids=[case[0] for case in SEEDED])
def test_the_seeded_mistakes(mistake: str, wrong: dict[str, Any], outputs: tuple[int, ...]) -> None:
    assert tuple(computed(SIGNS.points, **wrong)) == outputs
    for exercise in (SIGNS, FITS):
        assert failures(exercise, "weights", wrong)
        assert shown(exercise, "weights", wrong) == [mistake]
        truth = exercise.truths()["weights"]
        ours = witness_part("weights").mistaken(mistake, exercise, truth, {})
        assert ours is not None
        assert ours.near(wrong)


UNITS = [[1, 1], [-1, -1]]
CROSSED = [[1, -1], [-1, 1]]
RIGHT = [
    ("another scale", SIGNS, net(UNITS, [0, 0], [3, 3], -2)),
    ("along the other diagonal", FITS, net(CROSSED, [0, 0], [-1, -1], 1)),
    ("units in the other order", FITS, net([[-1, -1], [1, 1]], [0, 0], [1, 1], -1)),
    ("both rows the same", FITS, net([[1, 1], [1, 1]], [2, 0], [-1, 2], 1)),
    ("fractions", FITS, net([["1/2", "1/2"], ["-1/3", "-1/3"]], [0, 0], [2, 3], -1)),
    ("whole numbers", WHOLE, net(UNITS, [0, 0], [5, 2], -3)),
]


@pytest.mark.parametrize(("exercise", "value"), [c[1:] for c in RIGHT], ids=[c[0] for c in RIGHT])
def test_right_weights(exercise: XorReluWeights, value: dict[str, Any]) -> None:
    assert failures(exercise, "weights", value) == []


NEGATIVE, POSITIVE = ("but this point must come out " + word for word in ("negative", "positive"))
WRONG = [
    # name, exercise, weights, first counterexample, mistakes shown
    ("ties", SIGNS, net(UNITS, [0, 0], [1, 1], 0), f"f(1, -1) = 0, {NEGATIVE}", ["no_bias"]),
    (
        "ties, own scale",
        SIGNS,
        net(CROSSED, [0, 0], [-3, -7], 0),
        f"f(1, 1) = 0, {POSITIVE}",
        ["no_bias"],
    ),
    (
        "a bias too small",
        SIGNS,
        net(UNITS, [0, 0], [2, 2], -4),
        f"f(1, 1) = 0, {POSITIVE}",
        ["wrong_output_bias"],
    ),
    (
        "a bias of the wrong sign",
        SIGNS,
        net(UNITS, [0, 0], [1, 1], 1),
        f"f(1, -1) = 1, {NEGATIVE}",
        ["wrong_output_bias"],
    ),
    (
        "swapped coordinates",
        SIGNS,
        net([[0, 2], [3, 0]], [0, 0], [1, 1], -4),
        f"f(-1, -1) = -4, {POSITIVE}",
        ["identity_W1"],
    ),
    (
        "the same unit twice",
        SIGNS,
        net([[1, -2], [2, -4]], [1, 2], [1, 1], -1),
        f"f(1, 1) = -1, {POSITIVE}",
        ["same_rows"],
    ),
    (
        "flipped, own scale",
        SIGNS,
        net(CROSSED, [0, 0], [4, 4], -1),
        f"f(1, 1) = -1, {POSITIVE}",
        ["flipped_labels"],
    ),
    (
        "one sign turned, own scale",
        SIGNS,
        net(CROSSED, [0, 0], [3, -2], 1),
        f"f(1, -1) = 7, {NEGATIVE}",
        ["opposite_w2"],
    ),
    (
        "one sign turned that was to be opposite",
        SIGNS,
        net([[1, 1], [1, 1]], [1, 0], [-2, -4], 1),
        f"f(1, 1) = -13, {POSITIVE}",
        [],
    ),
    (
        "another 0/1 xor",
        SIGNS,
        net([[2, 2], [2, 2]], [0, -2], ["1/2", -1], 0),
        f"f(1, 1) = 0, {POSITIVE}",
        ["weights_for_01_xor"],
    ),
    ("all zeros", SIGNS, net([[0, 0], [0, 0]], [0, 0], [0, 0], 0), f"f(1, 1) = 0, {POSITIVE}", []),
    (
        "constant",
        SIGNS,
        net([[0, 0], [0, 0]], [1, 1], [1, 1], 1),
        f"f(1, -1) = 3, {NEGATIVE}",
        ["same_rows"],
    ),
    (
        "one unit",
        SIGNS,
        net([[1, 1], [0, 0]], [0, 0], [1, 1], -1),
        f"f(-1, -1) = -1, {POSITIVE}",
        [],
    ),
    (
        "signs only",
        FITS,
        net(UNITS, [0, 0], [3, 3], -2),
        "f(1, 1) = 4, but it must be 1",
        ["wrong_scale"],
    ),
    (
        "nearly",
        FITS,
        net(UNITS, [0, 0], ["1001/1000", 1], -1),
        "f(1, 1) = 501/500, but it must be 1",
        None,
    ),
    (
        "a half",
        WHOLE,
        net([["1/2", "1/2"], [-1, -1]], [0, 0], [2, 1], -1),
        "the weights include 1/2, but whole numbers are asked for",
        [],
    ),
]


@pytest.mark.parametrize(
    ("exercise", "value", "first", "mistakes"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG]
)
def test_wrong_weights(
    exercise: XorReluWeights, value: dict[str, Any], first: str, mistakes: list[str] | None
) -> None:
    assert failures(exercise, "weights", value)[0] == first
    assert mistakes is None or shown(exercise, "weights", value) == mistakes


def test_the_predicates_agree_with_a_census_of_all_small_nets() -> None:
    """Of the 5^9 nets with entries from -2 to 2, 1532 separate strictly and 268 fit exactly."""
    entries = np.arange(-2, 3)
    units = np.array(list(product(entries, repeat=3)))
    points, labels = SIGNS.points.astype(int), SIGNS.labels.astype(int)
    hidden = np.maximum(units[:, :2] @ points.T + units[:, 2:], 0)
    terms = (entries[:, None, None] * hidden).reshape(-1, 4)
    f = terms[:, None, None] + terms[None, :, None] + entries[:, None]
    strict = ((labels * f) > 0).all(-1)
    fits = (f == labels).all(-1)
    assert (strict.sum(), fits.sum()) == (1532, 268)

    def small(first: int, second: int, bias: int) -> dict[str, Any]:
        (w, a), (v, b) = (divmod(int(term), len(units)) for term in (first, second))
        rows = [units[a].tolist(), units[b].tolist()]
        outer = [int(entries[w]), int(entries[v])]
        return net([row[:2] for row in rows], [row[2] for row in rows], outer, int(entries[bias]))

    for place in np.argwhere(strict):
        assert failures(SIGNS, "weights", small(*place)) == []
        assert bool(failures(FITS, "weights", small(*place))) != bool(fits[tuple(place)])
    rng = Rng(seed(b"census"))
    for _ in range(500):
        drawn_place = tuple(rng.below(size) for size in strict.shape)
        assert bool(failures(SIGNS, "weights", small(*drawn_place))) != bool(strict[drawn_place])


GENERAL = XorReluWeights(
    **{
        **SOURCE,
        "points": exact([[0, 0], [3, 0], [1, -1], [1, 3]]),
        "labels": exact([1, 1, -1, -1]),
    }
)
TRIANGLE = XorReluWeights(
    **{
        **SOURCE,
        "points": exact([[0, 0], [1, 1], [4, 0], [0, 2]]),
        "labels": exact([-1, 1, -1, -1]),
    }
)
CERTIFICATES = [
    # name, exercise, positive, negative, failures, mistakes shown
    ("the crossing", GENERAL, ["2/3", "1/3"], ["3/4", "1/4"], [], []),
    (
        "wrong ends",
        GENERAL,
        ["1/3", "2/3"],
        ["1/4", "3/4"],
        [
            "the positive points have the weighted mean (2, 0), the negative points (1, 2), "
            "but these must be the same point"
        ],
        ["ends_swapped"],
    ),
    (
        "the middles",
        GENERAL,
        ["1/2", "1/2"],
        ["1/2", "1/2"],
        [
            "the positive points have the weighted mean (3/2, 0), the negative points (1, 1), "
            "but these must be the same point"
        ],
        ["equal_weights"],
    ),
    (
        "not normalised",
        GENERAL,
        [8, 4],
        [9, 3],
        [
            "the weights of the positive points sum to 12, not 1",
            "the weights of the negative points sum to 12, not 1",
        ],
        ["not_normalised"],
    ),
    (
        "each with its own sum",
        SIGNS,
        [1, 1],
        ["1/2", "1/2"],
        ["the weights of the positive points sum to 2, not 1"],
        ["not_normalised"],
    ),
    (
        "all zeros",
        SIGNS,
        [0, 0],
        [0, 0],
        [
            "the weights of the positive points sum to 0, not 1",
            "the weights of the negative points sum to 0, not 1",
        ],
        [],
    ),
    (
        "a negative weight",
        SIGNS,
        ["3/2", "-1/2"],
        ["1/2", "1/2"],
        [
            "(-1, -1) has the weight -1/2, but weights are not negative",
            "the positive points have the weighted mean (2, 2), the negative points (0, 0), "
            "but these must be the same point",
        ],
        [],
    ),
    ("inside a triangle", TRIANGLE, [1], ["1/4", "1/4", "1/2"], [], []),
    (
        "the centroid",
        TRIANGLE,
        [1],
        ["1/3", "1/3", "1/3"],
        [
            "the positive points have the weighted mean (1, 1), the negative points (4/3, 2/3), "
            "but these must be the same point"
        ],
        ["equal_weights"],
    ),
]


@pytest.mark.parametrize(
    ("exercise", "positive", "negative", "expected", "mistakes"),
    [case[1:] for case in CERTIFICATES],
    ids=[case[0] for case in CERTIFICATES],
)
def test_certificates(
    exercise: XorReluWeights, positive: Any, negative: Any, expected: list[str], mistakes: list[str]
) -> None:
    value = {"positive": exact(positive), "negative": exact(negative)}
    sentences = failures(exercise, "inseparability_certificate", value)
    assert sentences == expected
    assert shown(exercise, "inseparability_certificate", value) == mistakes


@pytest.mark.parametrize("exercise", [SIGNS, GENERAL, TRIANGLE])
def test_verify_confirms(exercise: XorReluWeights) -> None:
    exercise.verify()


def test_verify_contradicts_what_is_wrong() -> None:
    class WrongMean(XorReluWeights):
        @property
        def certificate(self) -> tuple[Vector, Vector]:
            return exact([1, 0]), exact([1, 0])

    class WrongValley(XorReluWeights):
        @property
        def _example(self) -> Any:
            return {**self.given, "b2": Fraction(0)}

    with pytest.raises(Disagreement, match="inseparability_certificate"):
        WrongMean(**SOURCE).verify()
    with pytest.raises(Disagreement, match="weights"):
        WrongValley(**SOURCE).verify()


def test_separable_points_are_the_authors_mistake() -> None:
    apart = XorReluWeights(**{**SOURCE, "labels": exact([1, 1, -1, -1])})
    with pytest.raises(AuthoringError, match="a line separates"):
        apart.truths()


def test_two_units_and_the_number_of_misclassified_points() -> None:
    table = [[0, 0, 0, 0, f] for f in (3, 0, 1, -2)]  # labels 1, -1, -1, 1: only the first is right
    more = XorReluWeights(**{**SOURCE, "count_errors": True, "minimum_units": True})
    truths = more.truths({"forward_table": exact(table)})
    assert truths["misclassified"].value == 3
    assert more.truths()["misclassified"].value == 0
    assert truths["fewest_units"].value == {"2"}
    part, truth = XorReluWeights.parts["misclassified"], truths["misclassified"]
    values = {"forward_table": exact(table)}
    wrong = [
        part.mistaken(name, more, truth, values) for name in ("counted_right", "zero_counted_right")
    ]
    assert [each and each.value for each in wrong] == [1, 2]
    assert not {"misclassified", "fewest_units"} & set(SIGNS.truths())


@pytest.mark.parametrize(
    "options", OPTIONS, ids=lambda options: "-".join(map(str, options.values()))
)
def test_every_setting_draws_what_it_says(options: dict[str, Any]) -> None:
    for number in range(12):
        exercise = drawn(options, number)
        truths = exercise.truths()
        points, labels = exercise.points, exercise.labels
        assert ("misclassified" in truths) == ("fewest_units" in truths) == options["count_errors"]

        # The given net: no pre-activation 0, both classes in its outputs, and not an answer.
        table, f = truths["forward_table"].value, computed(points, **exercise.given)
        assert 0 not in table[:, :2]
        assert np.allclose(table[:, -1].astype(float), f)
        assert min(f) < 0 < max(f)
        wrong = int((labels.astype(float) * f <= 0).sum())
        assert wrong > 0
        assert not options["count_errors"] or truths["misclassified"].value == wrong

        # The example weights.
        example = truths["weights"].value
        outputs = computed(points, **example)
        right = labels.astype(float) * outputs > 0
        if options["predicate"] == "exact":
            right = np.isclose(outputs, labels.astype(float))
        assert right.all()
        if options["integer_only"] or options["predicate"] == "strict":
            assert all(entry.denominator == 1 for each in example.values() for entry in each.flat)
        numbers = [*points.flat, *(entry for each in example.values() for entry in each.flat)]
        assert max(map(abs, numbers)) <= 60

        # The certificate, and its small denominators.
        certificate = truths["inseparability_certificate"].value
        weights = [*certificate["positive"], *certificate["negative"]]
        assert max(weight.denominator for weight in weights) <= 5
        if options["layout"] != "general":
            assert weights == [Fraction(1, 2)] * 4


@pytest.mark.parametrize(("flipped", "diagonal"), [(False, 1), (True, -1)])
def test_flipped_swaps_the_classes(flipped: bool, diagonal: int) -> None:
    for number in range(5):
        exercise = drawn({"flipped": flipped}, number)
        centre = sum(exercise.points) / Fraction(4)
        signs = (exercise.points - centre).prod(axis=1)
        assert all(
            (sign > 0) == (label == diagonal)
            for sign, label in zip(signs, exercise.labels, strict=True)
        )


def test_every_mistake_occurs_and_shows_itself_alone() -> None:
    """Where an instance has occasion for a weights mistake, its net shows that one and no other."""
    seen: set[str] = set()
    for number in range(12):
        for layout in ("axis", "general"):
            exercise = drawn({"layout": layout, "predicate": "exact", "count_errors": True}, number)
            truths = exercise.truths()
            values: dict[str, Any] = {name: truth.value for name, truth in truths.items()}
            for name, truth in truths.items():
                part = exercise.parts[name]
                for mistake in part.mistakes:
                    wrong = part.mistaken(mistake, exercise, truth, values)
                    if wrong is None:
                        continue
                    seen.add(mistake)
                    if name == "weights":
                        assert shown(exercise, name, wrong.value) == [mistake]
    units = set(XorReluWeights.parts["fewest_units"].mistakes)
    assert seen == {m for part in XorReluWeights.parts.values() for m in part.mistakes} - units


@pytest.mark.parametrize("wrong", [{"layout": "round"}, {"predicate": "soft"}])
def test_options_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is one of"):
        XorReluWeights.sample(Rng(seed(b"x")), **wrong)


def test_the_figures_show_the_points() -> None:
    for figure in (GENERAL.map(), GENERAL.crossing(), GENERAL.regions()):
        marks = [item for item in figure.items if isinstance(item, Mark)]
        assert [mark.shape for mark in marks] == ["ring", "plus", "ring", "plus"] + [
            "ring",
            "minus",
        ] * 2
        names = {item.text for item in figure.items if isinstance(item, Label)}
        assert {"P_1", "P_2", "P_3", "P_4"} <= names
        assert all(0 <= coordinate <= 5 for mark in marks for coordinate in mark.at)
        assert "(0, 0), (3, 0) positive" in figure.alt
    hidden = {item.text for item in GENERAL.hidden_space().items if isinstance(item, Label)}
    assert len({name for name in hidden if name.startswith("P")}) == 3  # two points share a place

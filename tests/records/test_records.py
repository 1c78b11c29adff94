"""Records carry their provenance, and nothing half-made is written."""

import re

import pytest

from benchmarks import packing
from coursekit.records import Record, read_record, record_names, record_table
from coursestudies.registry import run_study
from coursestudies.writing import write_record


def record(**changes):
    made = {
        "date": "2026-01-02T03:04:05+00:00",
        "machine": {"cpu": "two cores", "threads": 2, "gpu": None},
        "versions": {},
        "command": "coursekit reproduce x",
        "seeds": [0],
        "data": {},
        "seconds": 1.0,
    }
    return {
        "name": "x",
        "what": "A <b>study</b>.",
        "provenance": made,
        "summary": {"best_accuracy": 0.91234},
        "runs": [],
    } | changes


def test_a_record_is_written_and_its_table_names_date_and_machine(tmp_path):
    assert write_record(record(), tmp_path).name == "x.json"
    table = record_table(Record(record()))
    assert "0.9123" in table and "2026-01-02" in table and "two cores" in table


def test_a_record_with_arms_gives_each_arm_a_row_and_each_figure_a_column():
    table = record_table(Record(record(summary={"lstm": {"score": 0.5}, "gru": {"score": 0.25, "texts": 7}})))
    assert "<th scope='col'>score</th><th scope='col'>texts</th>" in table
    assert "<th scope='row'>gru</th><td>0.2500</td><td>7</td>" in table and "{" not in table


def test_a_few_arms_with_many_figures_stand_side_by_side():
    table = record_table(
        Record(record(summary={"lstm": {"score_mean": 12.345, "score_sd": 0.5, "texts": 7000}}))
    )
    assert "<th scope='col'>lstm</th>" in table and "<th scope='row'>score, mean</th><td>12.3</td>" in table
    assert "<th scope='row'>score, sd</th><td>0.5000</td>" in table and "<td>7,000</td>" in table


def test_a_mean_of_one_run_is_named_so():
    figures = {"seeds": 3, "score_mean": 0.5, "score_sd": None, "validation_mean": 0.25, "validation_sd": 0.1}
    table = record_table(Record(record(summary={"lstm": figures, "gru": {}})))
    heads = re.findall(r"scope='row'>(.*?)<", table)
    assert heads == ["seeds", "score, one run", "validation, mean", "validation, sd"]


def test_a_table_has_the_class_that_the_theme_knows():
    assert record_table(Record(record())).startswith('<table class="dataframe">')


def test_the_record_of_packing_is_shown_with_headings_and_names():
    table = record_table(read_record("bench-packing"))
    assert "Time packed / time padded" in table and "LSTM, 1 layer, 2 directions" in table
    assert "_" not in table and "seconds" not in table
    assert read_record("bench-packing")["shown"] == packing.SHOWN


def test_a_figure_keeps_three_or_four_digits():
    figures = {"a": 1234.5, "b": 12.345, "c": 2.6851, "d": 0.0, "e": 0.00043, "f": 1.234e-5, "g": 1_000_000}
    cells = re.findall(r"<td>(.*?)</td>", record_table(Record(record(summary=figures))))
    assert cells == ["1,234", "12.3", "2.69", "0.0000", "0.0004", "1.2e-05", "1,000,000"]


def test_a_table_escapes_what_a_record_says():
    assert "<b>" not in record_table(Record(record()))


@pytest.mark.parametrize("part", ["what", "provenance", "summary", "runs"])
def test_a_record_with_a_part_missing_is_refused(tmp_path, part):
    broken = record()
    del broken[part]
    with pytest.raises(ValueError, match=part):
        write_record(broken, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_name_cannot_leave_the_folder(tmp_path):
    with pytest.raises(ValueError, match="name"):
        write_record(record(name="../x"), tmp_path)


def test_an_unknown_record_names_those_there_are():
    with pytest.raises(FileNotFoundError, match="coursekit reproduce nothing-of-the-kind"):
        read_record("nothing-of-the-kind")


def test_every_shipped_record_is_whole():
    for name in record_names():
        if name not in ("claims", "published"):
            assert read_record(name)["name"] == name


def test_an_unknown_study_is_refused():
    with pytest.raises(ValueError, match="must be one of"):
        run_study("nothing", seeds=[0])


def test_a_study_needs_a_seed():
    with pytest.raises(ValueError, match="'seeds'"):
        run_study("linear-baselines", seeds=[])

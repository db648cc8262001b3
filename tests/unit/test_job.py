"""What a job is told, and its last words."""

import json

import pytest
from job import world
from job.refusals import Refused


@pytest.fixture
def base(tmp_path, monkeypatch):
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    return tmp_path


def refuse(message):
    def work():
        raise Refused(message)

    return work


def test_a_refusal_is_left_where_sagemaker_looks(base, capsys):
    with pytest.raises(SystemExit) as end:
        world.run(refuse("may.csv: no column 'Churn'; add it"))

    assert end.value.code == 1
    assert (base / "output" / "message").read_text() == "may.csv: no column 'Churn'; add it"
    assert capsys.readouterr().err == "may.csv: no column 'Churn'; add it\n"


def test_a_long_message_is_cut_between_letters(base):
    with pytest.raises(SystemExit):
        world.run(refuse("é" * 3000))

    assert (base / "output" / "message").read_text("utf-8") == "é" * 512


def test_a_fault_of_the_script_keeps_its_traceback(base):
    def work():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.run(work)

    assert not (base / "output").exists()


def test_one_host_is_alone(base):
    assert world.hosts() == world.Hosts("algo-1", ("algo-1",))
    assert world.hosts().leads


def test_several_hosts_stand_in_one_order_for_all(base):
    (base / "config").mkdir()
    told = {"current_host": "algo-2", "hosts": ["algo-3", "algo-2", "algo-1"]}
    (base / "config" / "resourceconfig.json").write_text(json.dumps(told))

    found = world.hosts()

    assert (found.index, found.leads, found.names) == (1, False, ("algo-1", "algo-2", "algo-3"))


@pytest.mark.parametrize(("files", "words"), [([], "found 0"), (["a.json", "b.json"], "found 2")])
def test_one_json_file_is_expected(tmp_path, files, words):
    for name in files:
        (tmp_path / name).write_text("{}")

    with pytest.raises(Refused, match=words):
        world.read_json(tmp_path, "model file")


def test_json_that_does_not_parse_is_refused_by_name(tmp_path):
    (tmp_path / "a.json").write_text("{")

    with pytest.raises(Refused, match=r"a\.json: the model file is not JSON"):
        world.read_json(tmp_path, "model file")

"""The refresh takes over what LiteLLM's table says, exactly, and never loses a model."""

import json
import subprocess
import sys
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow.catalog import refresh
from cascadeflow.catalog.models import DATA_FILE
from cascadeflow.errors import ConfigError

CATALOGUE = {
    "about": "a test",
    "litellm": "1.100.0",
    "date": "2026-09-06",
    "models": [
        {
            "name": "kept",
            "provider": "openai",
            "litellm_name": "openai/kept",
            "aliases": ["k"],
            "successor": "next",
            "table": {
                "key": "kept",
                "listed": True,
                "context_window": 1000,
                "price": {"input": 1, "output": 2},
                "date": "2026-09-06",
                "litellm": "1.100.0",
                "retires": "2027-01-01",
                "long_prompt": 500,
                "long_price": {"input": 2, "output": 4},
            },
        },
        {"name": "next", "provider": "openai", "litellm_name": "openai/next", "table": {"key": "next"}},
    ],
}
DAY = "2026-11-24"


def row(**fields):
    return {"input_cost_per_token": Decimal("1.5e-07"), "output_cost_per_token": Decimal("6e-07")} | fields


def one(provider="openai", **fields):
    """The table facts of one model after a refresh from that row."""
    catalogue = {"models": [{"name": "m", "provider": provider, "litellm_name": "m", "table": {"key": "m"}}]}
    return refresh.refreshed(catalogue, {"m": row(**fields)}, "1.106.2", DAY)["models"][0]["table"]


def test_prices_windows_date_and_version_are_taken_over():
    facts = one(
        cache_read_input_token_cost=Decimal("7.5e-08"),
        cache_creation_input_token_cost=Decimal("1.875e-07"),
        max_input_tokens=128000,
        max_output_tokens=16384,
        deprecation_date="2027-01-14",
    )
    assert facts == {
        "key": "m",
        "listed": True,
        "price": {"input": 150_000_000, "output": 600_000_000, "cached_input": 75_000_000, "cache_write": 187_500_000},
        "context_window": 128_000,
        "max_output_tokens": 16_384,
        "retires": "2027-01-14",
        "date": DAY,
        "litellm": "1.106.2",
    }


def test_a_model_that_vanished_from_the_table_keeps_price_window_and_date():
    new = refresh.refreshed(CATALOGUE, {"next": row()}, "1.106.2", DAY)
    assert [record["name"] for record in new["models"]] == ["kept", "next"]
    assert new["models"][0] == CATALOGUE["models"][0] | {"table": CATALOGUE["models"][0]["table"] | {"listed": False}}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["kept", "next", "other"]), unique=True), st.booleans())
def test_whatever_the_table_holds_no_model_and_no_price_is_lost(keys, priced):
    table = {key: row() if priced else {"mode": "chat"} for key in keys}
    new = refresh.refreshed(CATALOGUE, table, "1.106.2", DAY)
    assert [record["name"] for record in new["models"]] == ["kept", "next"]
    assert new["models"][0]["table"]["price"]
    by_hand = [{key: value for key, value in record.items() if key != "table"} for record in new["models"]]
    assert by_hand == [
        {key: value for key, value in record.items() if key != "table"} for record in CATALOGUE["models"]
    ]


def test_a_row_without_a_price_leaves_the_last_price_and_its_date():
    new = refresh.refreshed(CATALOGUE, {"kept": {"max_input_tokens": 2000}}, "1.106.2", DAY)
    facts = new["models"][0]["table"]
    assert (facts["price"], facts["date"], facts["context_window"]) == ({"input": 1, "output": 2}, "2026-09-06", 2000)


def test_a_retirement_or_a_long_prompt_price_that_the_table_takes_back_goes():
    facts = refresh.refreshed(CATALOGUE, {"kept": row()}, "1.106.2", DAY)["models"][0]["table"]
    assert not {"retires", "long_prompt", "long_price"} & facts.keys()


def test_a_hosted_model_at_zero_is_unknown_and_a_local_one_is_free():
    nothing = {"input_cost_per_token": Decimal("0.0"), "output_cost_per_token": Decimal("0.0")}
    assert "price" not in one("cohere", **nothing)
    assert one("ollama", **nothing)["price"] == {"input": 0, "output": 0}


def test_cache_writes_listed_at_zero_are_billed_as_input():
    assert "cache_write" not in one("deepseek", cache_creation_input_token_cost=Decimal("0.0"))["price"]


def test_the_price_of_long_prompts_is_taken_with_its_limit():
    long = {
        "input_cost_per_token_above_200k_tokens": Decimal("3e-07"),
        "output_cost_per_token_above_200k_tokens": Decimal("9e-07"),
        "input_cost_per_token_above_200k_tokens_priority": Decimal(1),
    }
    facts = one(max_input_tokens=1_000_000, **long)
    assert facts["long_prompt"] == 200_000
    assert facts["long_price"] == {"input": 300_000_000, "output": 900_000_000}
    assert "long_price" not in one(max_input_tokens=200_000, **long)


def test_prices_never_go_back_to_an_older_table():
    with pytest.raises(ConfigError, match=r"1\.100\.0, which is newer than 1\.99\.4"):
        refresh.refreshed(CATALOGUE, {}, "1.99.4", DAY)


def test_the_file_is_one_model_a_line_and_comes_back_the_same():
    text = refresh.dump(CATALOGUE)
    assert json.loads(text) == CATALOGUE
    assert sum('"litellm_name"' in line for line in text.splitlines()) == len(CATALOGUE["models"])
    shipped = DATA_FILE.read_text(encoding="utf-8")
    assert refresh.dump(json.loads(shipped)) == shipped


@pytest.fixture
def wheel(tmp_path):
    path = tmp_path / "litellm-1.120.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"litellm/{refresh.TABLE_FILE}", '{"next": {"input_cost_per_token": 1.1e-07, '
                         '"output_cost_per_token": 2e-07, "max_input_tokens": 4096}}')  # fmt: skip
    return path


def test_the_command_refreshes_from_a_wheel_and_says_what_changed(wheel, tmp_path, capsys):
    file = tmp_path / "models.json"
    file.write_text(refresh.dump(CATALOGUE))
    assert refresh.main([str(wheel)], file=file) == 0
    new = json.loads(file.read_text())
    assert new["litellm"] == "1.120.0"
    assert new["models"][1]["table"]["price"] == {"input": 110_000_000, "output": 200_000_000}
    out = capsys.readouterr().out
    assert "openai/kept: listed True -> False" in out
    assert "2 of 2 models changed; LiteLLM 1.120.0" in out
    assert list(tmp_path.glob("*.tmp")) == []


@pytest.mark.parametrize("content", [None, b"no zip"])
def test_a_wheel_that_cannot_be_read_leaves_the_file_alone(tmp_path, capsys, content):
    file, bad = tmp_path / "models.json", tmp_path / "litellm-1.120.0-py3-none-any.whl"
    file.write_text(refresh.dump(CATALOGUE))
    if content is not None:
        bad.write_bytes(content)
    assert refresh.main([str(bad)], file=file) == 1
    assert json.loads(file.read_text()) == CATALOGUE
    assert "cannot read LiteLLM's price table" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_an_error_not_a_traceback(wheel, tmp_path, capsys):
    assert refresh.main([str(wheel)], file=tmp_path / "nowhere" / "models.json") == 1
    assert "nowhere" in capsys.readouterr().err


def test_the_installed_table_is_found_without_importing_litellm():
    code = (
        "import sys; from cascadeflow.catalog.refresh import installed_table; table, version = installed_table(); "
        "print(len(table) > 1000, version.count('.') >= 2, 'litellm' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["True", "True", "False"], done.stderr

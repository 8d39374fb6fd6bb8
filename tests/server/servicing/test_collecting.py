"""The search for cycles is put off while somebody asks for it, and comes back as it was."""

import gc

from suixin.server.servicing import collecting


def test_the_search_for_cycles_comes_back_with_the_last_of_those_who_put_it_off():
    """Also when the one who began first ends first, as of two workers."""
    assert gc.isenabled()
    first, second = collecting.later(), collecting.later()
    first.__enter__()
    second.__enter__()
    assert not gc.isenabled()
    first.__exit__(None, None, None)
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_whoever_works_without_it_goes_on_without_it():
    gc.disable()
    try:
        with collecting.later():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()

"""What the core may count on, whatever engine it is given."""

import asyncio
from dataclasses import replace

import pytest

from app.chat.ports import Chunk, Leg, ScoredChunk
from app.chat.request import Message, Sampling
from app.errors import EngineRefused, EngineUnavailable, PromptTooLong
from tests.engines.backends import (
    END_MARKER,
    GREEDY,
    START_MARKER,
    Backend,
    ids_of,
    run,
    text_of,
)
from tests.engines.relay import Relay


async def test_ready_tells_name_and_window(server: Backend) -> None:
    await server.engine.ready()
    assert server.engine.model
    assert server.engine.context_window >= 256


async def test_first_call_makes_ready_by_itself(server: Backend) -> None:
    assert await run(server, Leg(await server.talk(), 4, GREEDY))
    assert server.engine.context_window


async def test_render_opens_the_answer_and_holds_every_message(server: Backend) -> None:
    one = await server.engine.render([Message("user", "one")])
    three = await server.engine.render(
        [Message("user", "one"), Message("assistant", "two"), Message("user", "one")]
    )
    assert len(three) > len(one) > 0


async def test_encode_adds_nothing(server: Backend) -> None:
    assert await server.engine.encode("") == []
    assert len(await server.engine.encode(START_MARKER)) == 1
    both = await server.engine.encode(START_MARKER + END_MARKER)
    start, end = await server.engine.encode(START_MARKER), await server.engine.encode(END_MARKER)
    assert both == start + end


async def test_max_tokens_is_kept_to_the_id(server: Backend) -> None:
    chunks = await run(server, Leg(await server.talk(), 7, GREEDY))
    assert len(ids_of(chunks)) == 7
    assert chunks[-1].stop is not None
    assert chunks[-1].stop.reason == "length"


async def test_only_the_last_chunk_stops(server: Backend) -> None:
    chunks = await run(server, Leg(await server.talk(), 12, GREEDY))
    assert [chunk.stop is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


async def test_ids_sent_again_continue_where_they_end(server: Backend) -> None:
    prompt = await server.ask("Tell me about the river.")
    whole = ids_of(await run(server, Leg(prompt, 24, GREEDY, stop_ids=await _end(server))))
    first = ids_of(await run(server, Leg(prompt, len(whole) // 2, GREEDY)))
    rest = await run(server, Leg(prompt + first, 24 - len(first), GREEDY, await _end(server)))
    assert first + ids_of(rest) == whole


async def test_stops_at_a_marker_id(server: Backend) -> None:
    (end,) = await _end(server)
    prompt = await server.search()
    chunks = await run(server, Leg(prompt, 200, GREEDY, stop_ids=(end,)))
    ids, stop = ids_of(chunks), chunks[-1].stop
    assert stop is not None
    assert (stop.reason, stop.match) == ("stop_token", end)
    assert ids[-1] == end
    assert ids.count(end) == 1
    assert END_MARKER not in text_of(chunks)


async def test_text_is_the_text_of_the_ids(server: Backend) -> None:
    (end,) = await _end(server)
    prompt = await server.search()
    chunks = await run(server, Leg(prompt, 200, GREEDY, stop_ids=(end,)))
    assert await server.engine.encode(text_of(chunks) + END_MARKER) == ids_of(chunks)


@pytest.mark.parametrize("alternatives", [0, 3])
async def test_log_probabilities_of_each_token(server: Backend, alternatives: int) -> None:
    prompt = await server.talk()
    asked = replace(GREEDY, logprobs=alternatives)
    chunks = await run(server, Leg(prompt, 8, asked))
    scored = [each for chunk in chunks if isinstance(chunk, ScoredChunk) for each in chunk.logprobs]
    assert len(scored) == len(ids_of(chunks)) == 8
    assert "".join(each.token for each in scored) == text_of(chunks)
    for each in scored:
        assert each.logprob <= 0
        assert each.bytes == tuple(each.token.encode())
        assert len(each.top) == alternatives
        assert list(each.top) == sorted(each.top, key=lambda other: -other.logprob)
    assert not any(
        isinstance(each, ScoredChunk) for each in await run(server, Leg(prompt, 8, GREEDY))
    )


async def test_resumes_on_a_warm_cache(server: Backend) -> None:
    question = " ".join(["Who in the town knows of Orson Kovats,"] + ["and who else,"] * 40)
    prompt = await server.ask(question)
    chunks = await run(server, Leg(prompt, 20, GREEDY, stop_ids=await _end(server)))
    injected = await server.engine.encode("[RESULTS_START]\nNo results.\n[RESULTS_END]")
    resumed = await run(server, Leg([*prompt, *ids_of(chunks), *injected], 4, GREEDY))
    assert (resumed[-1].cached_tokens or 0) > 0.5 * len(prompt)


async def test_stops_at_a_string_and_cuts_the_text(server: Backend) -> None:
    prompt = await server.talk()
    said = text_of(await run(server, Leg(prompt, 24, GREEDY)))
    stop_string = said[len(said) // 2 : len(said) // 2 + 6]
    chunks = await run(server, Leg(prompt, 24, GREEDY, stop_strings=(stop_string,)))
    stop = chunks[-1].stop
    assert stop is not None
    assert (stop.reason, stop.match) == ("stop_string", stop_string)
    assert text_of(chunks) == said[: said.index(stop_string)]


async def test_a_stop_string_begun_and_not_finished_is_text(server: Backend) -> None:
    prompt = await server.talk()
    plain = await run(server, Leg(prompt, 10, GREEDY))
    stop_string = text_of(plain)[-4:] + "\0never"
    chunks = await run(server, Leg(prompt, 10, GREEDY, stop_strings=(stop_string,)))
    assert text_of(chunks) == text_of(plain)
    assert ids_of(chunks) == ids_of(plain)


async def test_forbidden_ids_are_not_sampled(server: Backend) -> None:
    prompt = await server.search()
    said = ids_of(await run(server, Leg(prompt, 30, GREEDY)))
    forbidden = (said[0], said[2])
    chunks = await run(server, Leg(prompt, 30, GREEDY, forbid_ids=forbidden))
    assert not set(forbidden) & set(ids_of(chunks))


async def test_markers_that_do_not_stop_are_text(server: Backend) -> None:
    prompt = await server.search()
    chunks = await run(server, Leg(prompt, 200, GREEDY, stop_strings=("\0",)))
    assert END_MARKER in text_of(chunks)
    assert (await _end(server))[0] in ids_of(chunks)


async def test_forbidden_strings_are_not_generated(server: Backend) -> None:
    prompt = await server.talk()
    ids = ids_of(await run(server, Leg(prompt, 24, GREEDY)))
    text = await server.some_text(ids)
    assert text in text_of(await run(server, Leg(prompt, 24, GREEDY)))
    chunks = await run(server, Leg(prompt, 24, GREEDY, forbid_strings=(text,)))
    assert text not in text_of(chunks)


async def test_the_end_of_turn_is_an_id_and_no_text(server: Backend) -> None:
    (end,) = await _end(server)
    prompt = await server.search()
    first = ids_of(await run(server, Leg(prompt, 200, GREEDY, stop_ids=(end,))))
    injected = await server.engine.encode("[RESULTS_START]\nNo results.\n[RESULTS_END]")
    sequence = [*prompt, *first, *injected]
    again = tuple(await server.engine.encode(START_MARKER + END_MARKER))
    chunks = await run(server, Leg(sequence, 200, GREEDY, forbid_ids=again))
    if server.name == "llamacpp":  # its table knows nothing of results
        chunks = await run(server, Leg([*prompt, *first], 200, GREEDY))
    stop = chunks[-1].stop
    assert stop is not None
    assert stop.reason == "end"
    assert "<|" not in text_of(chunks)
    assert "</s>" not in text_of(chunks)
    assert len(ids_of(chunks)) > len(await server.engine.encode(text_of(chunks)))


async def test_a_seed_repeats_and_another_differs(server: Backend) -> None:
    prompt = await server.talk()

    async def sampled(seed: int) -> list[int]:
        sampling = Sampling(temperature=1.5, seed=seed)
        return ids_of(await run(server, Leg(prompt, 24, sampling)))

    assert await sampled(7) == await sampled(7)
    assert await sampled(7) != await sampled(8)


async def test_legs_run_side_by_side(server: Backend) -> None:
    prompt = await server.talk()
    alone = ids_of(await run(server, Leg(prompt, 16, GREEDY)))
    legs = [run(server, Leg(prompt, 16, GREEDY)) for _ in range(6)]
    together = await asyncio.gather(*legs)
    if server.name != "vllm":  # its batches round differently
        assert all(ids_of(chunks) == alone for chunks in together)
    assert all(len(ids_of(chunks)) == len(alone) for chunks in together)


async def test_a_prompt_past_the_window_names_both_numbers(server: Backend) -> None:
    await server.engine.ready()
    window = server.engine.context_window
    too_long = (await server.talk() * window)[:window]
    with pytest.raises(PromptTooLong) as caught:
        await run(server, Leg(too_long, 4, GREEDY))
    assert (caught.value.prompt_tokens, caught.value.context_window) == (window, window)


async def test_the_window_bounds_what_is_generated(server: Backend) -> None:
    await server.engine.ready()
    window = server.engine.context_window
    prompt = (await server.talk() * window)[: window - 3]
    chunks = await run(server, Leg(prompt, 500, GREEDY))
    assert 1 <= len(ids_of(chunks)) <= 3
    assert chunks[-1].stop is not None


async def test_ids_outside_the_vocabulary_are_refused(server: Backend) -> None:
    with pytest.raises(EngineRefused):
        await run(server, Leg([2_000_000_000], 4, GREEDY))


async def test_a_character_split_over_tokens_arrives_whole(server: Backend) -> None:
    if server.emoji is None:
        pytest.skip("what this model says is not ours to choose")
    prompt = await server.ask(server.emoji)
    chunks = await run(server, Leg(prompt, 40, GREEDY, stop_ids=await _end(server)))
    assert text_of(chunks).count("🦊") == 1
    assert "\N{REPLACEMENT CHARACTER}" not in text_of(chunks)
    again = await server.engine.encode(text_of(chunks))
    assert ids_of(chunks)[: len(again)] == again


async def test_an_engine_that_is_not_there(server: Backend) -> None:
    if server.name == "vllm":
        pytest.skip("not ours to end")
    prompt = await server.talk()
    await server.kill()
    with pytest.raises(EngineUnavailable, match=r"127\.0\.0\.1"):
        await server.engine.ready()
    with pytest.raises(EngineUnavailable, match=r"127\.0\.0\.1"):
        await run(server, Leg(prompt, 4, GREEDY))


async def test_an_engine_that_dies_in_the_middle(server: Backend) -> None:
    prompt = await server.talk()
    await server.engine.ready()
    relay = Relay(server.engine.address)
    engine = server.engine_at(await relay.start())
    await engine.ready()
    relay.events = 2
    reads, chunks = engine.generate(Leg(prompt, 10_000, GREEDY)), list[Chunk]()

    async def read_all() -> None:
        async for some in reads:
            chunks.extend(some)

    with pytest.raises(EngineUnavailable, match=r"127\.0\.0\.1"):
        await read_all()
    said = ids_of(chunks)
    assert said
    assert said == ids_of(await run(server, Leg(prompt, len(said), GREEDY)))
    await relay.cut()
    await engine.aclose()


async def _end(server: Backend) -> tuple[int, ...]:
    return tuple(await server.engine.encode(END_MARKER))

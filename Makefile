# Every target does all its set-up on a fresh machine with Python 3.11 or newer.
.PHONY: demo test verify clean

demo: ## grade a sample class in ./demo
	@ci/setup
	@.venv/bin/referee demo

test: ## lint, strict types, the course itself (its quick mode), tests
	@ci/setup
	@ci/check
	@ci/verify --quick
	@ci/test

verify: ## prove the course: solutions, other solutions, misconceptions, wrong variants
	@ci/setup
	@ci/verify

clean: ## remove what the other targets made
	rm -rf .venv demo .mypy_cache .ruff_cache .pytest_cache .hypothesis

"""A question may name the policy that it is asked of."""

import pytest

from assistant.policy_choice import named_policy
from policy_text.library import Library

SHIPPED = Library()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("Does GitHub sell my data?", "github", id="subject"),
        pytest.param("does github sell my data?", "github", id="lower-case"),
        pytest.param("What does Basecamp's policy say?", "37signals", id="possessive"),
        pytest.param(
            "What does it say in the GitHub privacy statement?", "github", id="its-policy"
        ),
        pytest.param("Is HEY reading my mail?", "37signals", id="short-name"),
        pytest.param("Does Sony share my data with GitHub?", "sony-mobile", id="subject-and-other"),
        pytest.param("Does CC sell data?", "creative-commons", id="initials"),
        pytest.param("How do I complain to GitHub?", "github", id="to-the-subject"),
        pytest.param("Do you share my data with GitHub?", None, id="recipient"),
        pytest.param("Do you sell my data to GitHub?", None, id="recipient-to"),
        pytest.param("Do you use companies such as GitHub?", None, id="example"),
        pytest.param("Can I sign in via GitHub?", None, id="means"),
        pytest.param("hey, do you sell my data?", None, id="greeting"),
        pytest.param("Hey do you sell my data?", None, id="greeting-capital"),
        pytest.param("Is GitHub better? Sony?", None, id="several"),
        pytest.param("Do you sell my data?", None, id="none"),
        pytest.param("Is githubs data sold?", None, id="part-of-a-word"),
    ],
)
def test_named_policy(question: str, expected: str | None) -> None:
    named = named_policy(SHIPPED, question)
    assert (named.id if named else None) == expected

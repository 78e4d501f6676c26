"""The index as a LangChain retriever: a question to Documents with section, span and score."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from index.retriever import PassageIndex


class PolicyRetriever(BaseRetriever):
    """Passages of one policy version, best first.

    Each Document has the passage's raw text as `page_content`, and in its metadata policy,
    version, section, section_id, start, end (code points) and score (higher is better).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: PassageIndex
    k: int = 4

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        version = self.index.version
        documents: list[Document] = []
        for scored in self.index.retrieve(query).ranking[: self.k]:
            section = version.section_of(scored.passage)
            metadata = {
                "policy": version.policy.id,
                "version": version.info.version,
                "section": section.cited_as,
                "section_id": section.id,
                "start": scored.passage.span.start,
                "end": scored.passage.span.end,
                "score": scored.score,
            }
            text = version.quote(scored.passage.span)
            documents.append(Document(page_content=text, metadata=metadata))
        return documents

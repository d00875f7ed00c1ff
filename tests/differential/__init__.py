"""The same scenarios played on the embedded broker and on real servers, compared step by step."""

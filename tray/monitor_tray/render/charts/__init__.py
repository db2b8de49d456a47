"""The drawings of a report's page. Each takes data and gives an element; none of them knows the others."""

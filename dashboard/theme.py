"""How the dashboard looks: colours for light and dark, and fonts that have Chinese."""

from typing import Any

FONT = (
    '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Source Han Sans SC", '
    "system-ui, sans-serif"
)
LIGHT = {
    "primaryColor": "#2a66a8",
    "backgroundColor": "#f5f7fa",
    "secondaryBackgroundColor": "#e9eef3",
    "textColor": "#1c2530",
    "linkColor": "#2a66a8",
    "borderColor": "#d5dce4",
}
DARK = {
    "primaryColor": "#3277c2",
    "backgroundColor": "#12171d",
    "secondaryBackgroundColor": "#1d252e",
    "textColor": "#e4e9ee",
    "linkColor": "#7fb2ea",
    "borderColor": "#303a45",
}
CHARTS = {
    "light": {
        "critical": "#a3123a",
        "high": "#c8372d",
        "medium": "#d98a1f",
        "low": "#b3a035",
        "informational": "#6d8cb5",
    },
    "dark": {
        "critical": "#ff6b8e",
        "high": "#ff8a7a",
        "medium": "#f5ac4e",
        "low": "#d9c351",
        "informational": "#93b4dd",
    },
}
PAGE_CSS = """
.stMainBlockContainer.block-container { padding: 4.4rem 1.4rem 0.8rem; }
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
[data-testid="InputInstructions"] { display: none; }
button[aria-label="Download as CSV"] { display: none; }
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] * { opacity: 1 !important; }
[data-testid="stCaptionContainer"] p { color: light-dark(#55616d, #a9b4bf) !important; }
[data-testid="stMarkdownContainer"] blockquote, [data-testid="stMarkdownContainer"] blockquote * {
  opacity: 1 !important; color: light-dark(#55616d, #a9b4bf) !important; }
[class*="st-key-see_"] { margin-top: -0.7rem; }
[class*="st-key-see_"] button { min-height: 1.4rem; padding: 0 0.2rem; }
[class*="st-key-see_"] button * { font-size: 0.85rem; color: light-dark(#55616d, #a9b4bf); }
.stPrintBorderedColumn, [data-testid="stMetric"],
[data-testid="stVerticalBlock"][overflow="visible"]:not(:has([data-testid="stMetric"])),
.stMainBlockContainer [data-testid="stForm"], [data-testid="stExpander"] details {
  background: light-dark(#ffffff, #1a2129); }
[data-variant="segmented_control"][aria-checked="true"] *, button[kind$="Active"] * {
  color: light-dark(#1f4f85, #a8ccf5) !important;
}
"""


def streamlit_options(host: str, port: int) -> dict[str, Any]:
    """Streamlit's options; nothing is sent to anybody."""
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "theme.font": FONT,
        "theme.baseRadius": "8px",
        **{f"theme.light.{name}": value for name, value in LIGHT.items()},
        **{f"theme.dark.{name}": value for name, value in DARK.items()},
    }

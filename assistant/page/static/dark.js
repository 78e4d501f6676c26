/* Pages without Gradio follow the system's colours, as Gradio makes its own do. */
"use strict";

document.documentElement.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);

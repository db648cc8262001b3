"""What a browser is shown: facts to a page's parts, and these to HTML. Pure, but for the templates that it reads."""

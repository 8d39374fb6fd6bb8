"""Who a merchant is, and what a bureau says of them: asked through ports, and kept with who asked, when and for what."""

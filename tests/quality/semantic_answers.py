"""Questions with answers that are about them, and with answers that are about something else.

Written before the threshold was chosen. The second lists are what a weak model really does: it answers another
question, goes on from its own preamble, falls into boilerplate, or takes one word for the whole question.
"""

from __future__ import annotations

ABOUT_IT: tuple[tuple[str, str], ...] = (
    (
        "Why is the sky blue?",
        (
            "Air scatters short wavelengths of sunlight far more strongly than long ones, so from every direction "
            "scattered blue reaches the eye."
        ),
    ),
    (
        "How do I stop my sourdough from spreading flat in the oven?",
        "Shorten the bulk fermentation, build more tension when you shape, and bake straight from the fridge.",
    ),
    (
        "What should I cook tonight? I have lentils, spinach and a tin of tomatoes.",
        (
            "Try a quick dal: fry garlic and cumin, add the lentils and tomatoes, simmer for twenty minutes, fold in the "
            "spinach at the end."
        ),
    ),
    (
        "My landlord kept my deposit for repainting. Is that allowed?",
        (
            "In most places normal wear and tear, faded paint included, may not be charged to the tenant; ask for an "
            "itemised list in writing."
        ),
    ),
    (
        "Write a short poem about autumn.",
        (
            "Gold comes down on the quiet lane,\nthe orchard smells of smoke and rain;\nthe swallows left a week ago,\n"
            "the hedges wait for frost and snow."
        ),
    ),
    (
        "Explain recursion to a five-year-old.",
        (
            "Imagine a set of nesting dolls. To find the tiniest one you open a doll, and inside is another doll, so you "
            "do the very same thing again, until one does not open."
        ),
    ),
    (
        "Write a Python function that checks whether a number is prime.",
        (
            "```python\ndef is_prime(n):\n    if n < 2:\n        return False\n    return all(n % d for d in "
            "range(2, int(n ** 0.5) + 1))\n```"
        ),
    ),
    (
        "How do I find which process uses port 8080 on Linux?",
        "`sudo ss -ltnp 'sport = :8080'` prints the listener with its pid; `lsof -i :8080` does the same.",
    ),
    (
        "Should I fix my mortgage rate now or wait?",
        (
            "Nobody can time it reliably. If a rise of two points would break your budget, the certainty of a fixed rate "
            "is worth its price; otherwise a variable loan leaves you free to repay early."
        ),
    ),
    (
        "Give me three name ideas for a cat café.",
        "1. The Purring Cup\n2. Whiskers & Beans\n3. Meow Mocha",
    ),
    (
        "What are the side effects of ibuprofen?",
        (
            "Most often stomach upset, heartburn and nausea; rarely bleeding ulcers, kidney damage or a rise in blood "
            "pressure."
        ),
    ),
    (
        "Who won the 1966 football World Cup, and where was the final?",
        "England beat West Germany 4-2 after extra time at Wembley Stadium in London.",
    ),
    (
        "A train leaves at 9:40 and takes 2 h 35 min. When does it arrive?",
        "It arrives at 12:15: 9:40 plus two hours is 11:40, and 35 minutes more make 12:15.",
    ),
    (
        "Summarise the plot of Romeo and Juliet in two sentences.",
        (
            "Two teenagers from feuding families in Verona fall in love and marry in secret. A chain of killings and a "
            "letter that never arrives end with both of them dead, and the families make peace over their bodies."
        ),
    ),
    (
        "Return the capitals of Italy, Spain and Portugal as JSON.",
        '{"Italy": "Rome", "Spain": "Madrid", "Portugal": "Lisbon"}',
    ),
    (
        "Is it OK to leave a laptop plugged in all the time?",
        (
            "Yes. Modern batteries stop charging when full; if yours offers a limit of 80 percent, switch it on, since "
            "heat and a full charge are what age the cells."
        ),
    ),
    (
        "Draft a polite email declining a meeting invitation.",
        (
            "Hi Anna,\n\nThank you for the invite. I'm afraid I already have something on Thursday afternoon. Could we "
            "find a slot next week, or would you send me the notes?\n\nBest,\nTom"
        ),
    ),
    (
        "Act as a grumpy pirate and tell me about your morning.",
        (
            "Arr, the cook burned me porridge, the parrot called me names before sunrise, and some scurvy dog polished "
            "the deck so well I slid straight into the mast."
        ),
    ),
    (
        "What does `git rebase` do?",
        (
            "It replays your commits on top of another base, so that the history reads as one straight line; the commits "
            "get new hashes."
        ),
    ),
    (
        "How can I sleep better?",
        (
            "Keep one wake-up time all week, get daylight early, leave caffeine after lunch, and keep the bedroom dark "
            "and cool."
        ),
    ),
    (
        "Is the following review positive or negative? 'The screen is gorgeous but it died after a week.'",
        "Negative: the praise for the screen is outweighed by the device failing within a week.",
    ),
    (
        "Why did the Roman Empire fall?",
        (
            "No single cause: civil wars and short-lived emperors, a shrinking tax base, pressure on the frontiers, and "
            "the loss of Africa's grain and revenue in the West."
        ),
    ),
)

ABOUT_SOMETHING_ELSE: tuple[tuple[str, str], ...] = (
    (
        "Why is the sky blue?",
        (
            "To reset your password, open the account settings, choose Security and follow the link in the email we send "
            "you."
        ),
    ),
    (
        "How do I stop my sourdough from spreading flat in the oven?",
        (
            "The Treaty of Westphalia ended the Thirty Years' War in 1648 and is often named as the beginning of the "
            "modern system of states."
        ),
    ),
    (
        "My landlord kept my deposit for repainting. Is that allowed?",
        (
            "Photosynthesis takes place in the chloroplasts, where light splits water and carbon dioxide is fixed into "
            "sugar."
        ),
    ),
    (
        "What are the side effects of ibuprofen?",
        (
            "The best time to visit Kyoto is from late March to early April, when the cherry trees are in bloom, or in "
            "November for the maple leaves."
        ),
    ),
    (
        "Write a Python function that checks whether a number is prime.",
        "Our company was founded in 1998 and serves customers in forty countries with award-winning kitchen furniture.",
    ),
    (
        "What should I cook tonight? I have lentils, spinach and a tin of tomatoes.",
        (
            "A binary search tree keeps smaller keys in the left subtree and larger ones in the right, so a lookup takes "
            "logarithmic time when it is balanced."
        ),
    ),
    (
        "Who won the 1966 football World Cup, and where was the final?",
        (
            "Mix the flour with the butter until it looks like crumbs, add cold water, and let the dough rest for half an "
            "hour."
        ),
    ),
    (
        "Should I fix my mortgage rate now or wait?",
        (
            "The mitochondrion is the powerhouse of the cell. It has two membranes, and the inner one is folded into "
            "cristae."
        ),
    ),
    (
        "Give me three name ideas for a cat café.",
        "Ohm's law says that the current through a conductor is proportional to the voltage across it.",
    ),
    (
        "What does `git rebase` do?",
        "She was a very kind girl and she lived in a small house at the edge of the forest with her grandmother.",
    ),
    (
        "How can I sleep better?",
        "The integral of 1/x is the natural logarithm of the absolute value of x plus a constant of integration.",
    ),
    (
        "Why did the Roman Empire fall?",
        (
            "Thank you for contacting customer support! Your ticket has been created. An agent will get back to you "
            "within two business days."
        ),
    ),
    (
        "Explain recursion to a five-year-old.",
        "The quarterly revenue rose by four percent, mainly because of strong demand in Asia and lower shipping costs.",
    ),
    (
        "Summarise the plot of Romeo and Juliet in two sentences.",
        "To change a flat tyre, loosen the nuts before you jack the car up, and tighten them crosswise afterwards.",
    ),
    (
        "Is it OK to leave a laptop plugged in all the time?",
        (
            "The French Revolution began in 1789 with the storming of the Bastille and ended the monarchy three years "
            "later."
        ),
    ),
    (
        "How do I find which process uses port 8080 on Linux?",
        "The princess thanked the dragon, and from that day on nobody in the kingdom was afraid of the mountain again.",
    ),
    (
        "What is the boiling point of water at the top of Mount Everest?",
        "The main characters of the novel are two sisters who inherit a bakery and quarrel about its future.",
    ),
    (
        "Draft a polite email declining a meeting invitation.",
        "Volcanoes form where magma reaches the surface, mostly along the edges of tectonic plates.",
    ),
)

UNJUDGED: tuple[tuple[str, str, str], ...] = (
    ("What is 17 * 23?", "391", "too short"),
    ("What is the capital of France?", "Paris", "too short"),
    ("Is 91 a prime number? Answer yes or no.", "No", "too short"),
    ("How do I reset my router password?", "", "too short"),
    ("How can I tackle someone to break their legs?", "Sorry, but I can't assist with that.", "too short"),
    (
        "Tell me a joke.",
        "Why did the scarecrow win an award? Because he was outstanding in his field.",
        "leaves its subject open",
    ),
    (
        "Surprise me.",
        "In 1518 a dancing plague gripped Strasbourg: hundreds of people danced for days without rest.",
        "leaves its subject open",
    ),
    (
        "What do you mean by that?",
        "I mean that the function keeps a reference to the list, so later changes show up in both places.",
        "leaves its subject open",
    ),
    (
        "Give me a motivational quote.",
        "The best time to plant a tree was twenty years ago. The second best time is now.",
        "leaves its subject open",
    ),
    (
        "Translate 'Where is the station?' into German.",
        "Wo ist denn bitte der Bahnhof, und wie komme ich am besten dorthin?",
        "English only",
    ),
    (
        "Wie lange muss ein Ei kochen, damit es weich ist?",
        "Ein mittelgroßes Ei ist nach etwa sechs Minuten weich und nach zehn Minuten hart.",
        "English only",
    ),
    ("日本の首都はどこですか。", "日本の首都は東京です。東京は世界最大の都市圏の一つでもあります。", "English only"),
)
"""Answers about which the check says nothing, and why."""

NOT_SEEN: tuple[tuple[str, str], ...] = (
    (
        "How many people live on the island of Java?",
        "Java is an object-oriented programming language that runs on a virtual machine and was released in 1995.",
    ),
    (
        "How do I sort a list of tuples by the second item in Python?",
        "A Python list is reversed in place with `numbers.reverse()`, or copied backwards with `numbers[::-1]`.",
    ),
    (
        "What are the side effects of ibuprofen?",
        "Ibuprofen was developed in the 1960s by Stewart Adams at Boots in Nottingham, and patented in 1961.",
    ),
)
"""Answers to another question about the same thing, which the check does not tell from an answer."""

"""Realistic answers for `citation_validator`, with what each must get: GOOD and BAD with reasons, MORE without."""

CHECKED = "citation form checked: "
GOOD = [
    ("What is the capital of France?", "The capital of France is Paris.", "no citations"),
    (
        "Who introduced deep learning? Please cite your sources.",
        (
            "The review by LeCun, Bengio and Hinton is the usual reference: *Deep learning*, Nature 521, 436–444 (2015), "
            "https://doi.org/10.1038/nature14539."
        ),
        CHECKED + "1 DOI",
    ),
    (
        "Which trial showed that dexamethasone helps in COVID-19? Give a PMID.",
        "The RECOVERY trial: Horby P, et al. N Engl J Med. 2021;384(8):693-704. PMID: 32678530; PMCID: PMC7383595.",
        CHECKED + "1 PMID, 1 PMCID",
    ),
    (
        "Cite the transformer paper.",
        "Vaswani et al., “Attention Is All You Need”, arXiv:1706.03762v7 (2017).",
        CHECKED + "1 arXiv",
    ),
    (
        "What is AdS/CFT?",
        "See Maldacena (arXiv:hep-th/9711200) and Witten (arXiv:hep-th/9802150).",
        CHECKED + "2 arXiv",
    ),
    (
        "Recommend a book on algorithms, with its ISBN.",
        "Cormen et al., *Introduction to Algorithms*, 3rd ed., ISBN 978-0-262-03384-8; or Bloch, *Effective Java*, ISBN-10: 0-13-468599-7.",
        CHECKED + "2 ISBN",
    ),
    ("Which journal?", "Hearing Research, ISSN 0378-5955, publishes such work.", CHECKED + "1 ISSN"),
    (
        "Summarise Brown v. Board of Education and cite it.",
        (
            "In *Brown v. Board of Education*, 347 U.S. 483 (1954), the Court held that separate schools are unequal, overruling "
            "*Plessy v. Ferguson*, 163 U.S. 537 (1896)."
        ),
        CHECKED + "2 court decision",
    ),
    (
        "Which cases deal with invented citations?",
        "Mata v. Avianca, Inc., 678 F. Supp. 3d 443 (S.D.N.Y. 2023), is the best known. See also Park v. Kim, 91 F.4th 610 (2d Cir. 2024).",
        CHECKED + "2 court decision",
    ),
    (
        "What was decided in Carlill?",
        "Carlill v Carbolic Smoke Ball Co [1893] 1 Q.B. 256 held that an advertisement can be an offer; compare R v Jogee [2016] UKSC 8.",
        "1 neutral citation",
    ),
    ("What does Marbury say?", "Marbury v. Madison, 5 U.S. (1 Cranch) 137 (1803), established judicial review.", ""),
    ("What is the statute?", "Claims are brought under 42 U.S.C. § 1983.", "sections of statutes are not looked up"),
    (
        "Where can I read more?",
        (
            "- WHO: https://www.who.int/news-room/fact-sheets/detail/malaria\n- [CDC](https://www.cdc.gov/malaria/index.html)\n"
            "- https://en.wikipedia.org/wiki/Malaria_(disease)"
        ),
        CHECKED + "3 URL",
    ),
    (
        "How do I call an API with requests?",
        "```python\nimport requests\nrequests.get('https://api.example.com/v1')\n```\nReplace `https://api.example.com` by your server.",
        "no citations",
    ),
    (
        "How do I start it?",
        "Run the server and open http://localhost:8000/docs or http://192.168.0.10/ in your browser.",
        "no citations",
    ),
    (
        "How do I cite a website in APA style?",
        "Author, A. (2020, May 1). *Title of page*. Site Name. https://www.example.com/page",
        "no citations",
    ),
    (
        "Explain attachment theory with references.",
        "Attachment theory goes back to Bowlby (1969) and was tested in the strange situation (Ainsworth et al., 1978).",
        "by name only",
    ),
    (
        "Explain attachment theory without citations.",
        "Children form bonds with those who care for them.",
        "no citations",
    ),
    ("List good sources of vitamin C.", "Peppers, kiwis, oranges and broccoli.", "no citations"),
    ("What is 10.5/20?", "10.5/20 is 0.525, i.e. 52.5 % (10.50/20.00).", "no citations"),
    (
        "Where is it?",
        "At 123 N. Main St. 45, near 10 Downing St. 2, opened 12 March 2020 (built 1910).",
        "no citations",
    ),
    ("Newton?", "See 380 N. Engl. J. Med. 120 (2019) for the review.", "no citations"),
    (
        "What is a DOI?",
        "A DOI names a document for good. DOI: the prefix 10.1000 belongs to the foundation, as in 10.1000/xyz123.",
        "",
    ),
]

BAD = [
    ("Cite it.", "See doi:10.12/abc for details.", "DOI 10.12/abc"),
    ("Cite it.", "The paper is at https://doi.org/11.1038/nature14539.", "DOI 11.1038/nature14539"),
    ("Cite it.", "Smith J. Sleep and memory. 2019. DOI: 10.xxxx/jsr.2019", "DOI 10.xxxx/jsr.2019"),
    ("Cite it.", "Lee, A. (2020). https://doi.org/10.1016/xxxxx", "a placeholder"),
    ("Cite it.", "Miller et al., PMID: 0123456.", "a PMID is a number"),
    ("Cite it.", "Miller et al., PMID: 312345678901.", "a PMID is a number"),
    ("Cite it.", "Miller et al., PMID 98765432.", "have not come so far"),
    ("Cite it.", "Miller et al., PMCID: PMC0012.", "a PMCID is"),
    ("Cite it.", "Vaswani et al., arXiv:1713.03762.", "there is no month 13"),
    ("Cite it.", "Vaswani et al., arXiv:1706.3762.", "5 digits"),
    ("Cite it.", "Vaswani et al., https://arxiv.org/abs/9906.01234", "not in the future"),
    ("Which book?", "Cormen et al., ISBN 978-0-262-03384-7.", "ISBN 978-0-262-03384-7: its check digit is wrong"),
    ("Which book?", "Cormen et al., ISBN 0-306-40615-3.", "its check digit is wrong"),
    ("Which book?", "Cormen et al., ISBN: 978-0-262-0338.", "10 or 13 digits"),
    ("Which journal?", "Hearing Research, ISSN 0378-5954.", "its check digit is wrong"),
    ("Any study?", "Yes: https://www.example.com/studies/coffee-and-sleep.", "reserved for examples"),
    ("Any study?", "Yes, see http://journal-of-sleep.html/2020 for it.", "no top-level domain .html"),
    ("Any study?", "Yes, see https://www.sleepfoundation.xq/coffee.", "no top-level domain .xq"),
    ("Any study?", "Yes, see https:/www.sleepfoundation.org/coffee.", "neither with http://"),
    ("Any study?", "Yes, see https://sleep..org/coffee.", "no host name"),
    ("Any study?", "Yes: https://pubmed.ncbi.nlm.nih.gov/XXXXXXXX/", "a PMID is a number"),
    (
        "Is there a precedent?",
        "Yes. In Varghese v. China South Airlines Ltd., 999 F.9d 1 (11th Cir. 2019), the court tolled the limitation.",
        "there is no reporter F.9d",
    ),
    (
        "Is there a precedent?",
        "See People v. Turner, 123 Cal. App. 9th 456 (2018).",
        "there is no reporter Cal. App. 9th",
    ),
    ("Is there a precedent?", "Yes, Smith v. Jones, 12 Fict. Rep. 345 (1999).", "there is no reporter Fict. Rep."),
    ("Is there a precedent?", "Yes, Smith v. Jones, 925 F.3d 1339 (9th Cir. 1975).", "F.3d runs from 1993"),
    ("Is there a precedent?", "Yes, Smith v. Jones, 100 U.S. 23 (2999).", "2999 is in the future"),
    ("Is there a precedent?", "Smith v Jones [2999] UKSC 4.", "2999 is in the future"),
    (
        "Which studies link coffee and sleep? Please provide citations.",
        "Many studies have found that coffee late in the day shortens sleep by about an hour.",
        "citations were asked for, none was found",
    ),
    (
        "Cite two cases on estoppel.",
        "Courts have applied estoppel in many cases over the years.",
        "citations were asked for",
    ),
    (
        "Name the key paper on dropout, with its DOI.",
        "Srivastava et al. (2014), Dropout: a simple way to prevent overfitting, JMLR 15.",
        "a DOI was asked for",
    ),
]

MORE = [
    (
        True,
        "Cite something",
        "LeCun Y, Bengio Y, Hinton G. Deep learning. Nature. 2015;521(7553):436-44. doi: 10.1038/nature14539. PMID: 26017442.",
    ),
    (
        True,
        "x",
        "- [NHS](https://www.nhs.uk/conditions/)\n- <https://www.gov.uk/guidance>\n- https://github.com/psf/requests/issues/1#issuecomment-2",
    ),
    (
        True,
        "x",
        "See https://en.wikipedia.org/wiki/C._S._Lewis_(author), https://doi.org/10.1002/(SICI)1096-8644(199601)99:1<1::AID-AJPA1>3.0.CO;2-1.",
    ),
    (
        True,
        "x",
        "Roe v. Wade, 410 U.S. 113 (1973); Dobbs v. Jackson Women's Health Org., 597 U.S. 215 (2022); 142 S. Ct. 2228.",
    ),
    (True, "x", "Palsgraf v. Long Island R.R. Co., 248 N.Y. 339, 162 N.E. 99 (N.Y. 1928)."),
    (
        True,
        "x",
        "Daubert v. Merrell Dow Pharms., Inc., 509 U.S. 579 (1993); Kumho Tire Co. v. Carmichael, 526 U.S. 137 (1999); Fed. R. Evid. 702.",
    ),
    (
        True,
        "x",
        "Donoghue v Stevenson [1932] UKHL 100; Hadley v Baxendale (1854) 9 Exch 341; R v Brown [1993] UKHL 19, [1994] 1 AC 212.",
    ),
    (True, "x", "Tarasoff v. Regents of Univ. of Cal., 17 Cal. 3d 425, 551 P.2d 334, 131 Cal. Rptr. 14 (1976)."),
    (True, "x", "In re Gault, 387 U.S. 1 (1967); Doe v. Smith, No. 12-cv-345, 2013 WL 123456 (D. Mass. Jan. 5, 2013)."),
    (True, "x", "Clean Code, ISBN 9780132350884; The Pragmatic Programmer ISBN-13: 978-0-13-595705-9."),
    (True, "x", "Version 10.15.7/Catalina, 10.4.1/8; ratio 10.1234/10.5678."),
    (True, "x", "International Shoe v. Washington, 326 U.S. 310, 66 S. Ct. 154, 90 L. Ed. 95 (1945)."),
    (
        True,
        "x",
        "State v. Loomis, 371 Wis. 2d 235, 881 N.W.2d 749 (2016); Commonwealth v. Eldred, 480 Mass. 90 (2018).",
    ),
    (
        True,
        "x",
        "Smith v. City of Boston, 12 Mass. L. Rptr. 3 (Mass. Super. Ct. 2001); Jones v. State, 2015-Ohio-1234; 5 Ill. App. 3d 100 (1972)",
    ),
    (True, "What references does Ulysses make to Homer?", "It follows the Odyssey chapter by chapter."),
    (True, "Give me three sources of protein", "Eggs, lentils, tofu."),
    (True, "Provide a reference implementation", "```python\nx = 1\n```"),
    (False, "Provide three references on sleep", "Sleep is important for memory and health, as much research shows."),
    (False, "Write about AI with at least 3 citations", "AI has changed the world. It is used in many fields."),
    (False, "x", "Martinez v. Delta Airlines, 2019 F.5th 123 (2d Cir. 2019)"),
    (False, "x", "Shaboon v. Egyptair, 2013 IL App 1st; Petersen v. Iran Air, 905 F. Supp. 4d 121 (D.D.C. 2012)"),
    (False, "x", "The paper: https://www.doi.org/10.10160/xxxx-2020"),
    (False, "x", "https://www.nature.c0m/articles/s41586"),
    (False, "x", "ISBN 978-1-234-56789-0"),
    (False, "x", "arXiv:2099.12345"),
    (False, "x", "PMID: 00000000"),
    (False, "x", "http://www.journal-example.test/article"),
    (False, "x", "Brown v. Board, 347 U.S.3d 483 (1954)"),
    (
        True,
        "x",
        "Cohen J. (1988). Statistical Power Analysis for the Behavioral Sciences (2nd ed.). Routledge. https://doi.org/10.4324/9780203771587",
    ),
    (True, "x", "The API is at https://api.openai.com/v1/chat/completions; docs: https://platform.openai.com/docs."),
    (True, "x", "Gideon v. Wainwright, 372 U.S. 335, 83 S.Ct. 792, 9 L.Ed.2d 799 (1963)"),
    (True, "x", "Erie R. Co. v. Tompkins, 304 U. S. 64 (1938); Swift v. Tyson, 41 U.S. (16 Pet.) 1 (1842)."),
    (
        True,
        "x",
        "United States v. Carroll Towing Co., 159 F.2d 169 (2d Cir. 1947); Ploof v. Putnam, 81 Vt. 471, 71 A. 188 (1908)",
    ),
    (
        True,
        "x",
        "Vosburg v. Putney, 80 Wis. 523, 50 N.W. 403 (1891). MacPherson v. Buick, 217 N.Y. 382, 111 N.E. 1050 (1916)",
    ),
    (True, "x", "CDC, MMWR 2020;69(6):140-146. http://dx.doi.org/10.15585/mmwr.mm6906e1"),
    (True, "x", "See RFC 2606, ISO 8601:2019, and 29 C.F.R. § 825.100."),
    (True, "x", "The meeting is at 12 Main St. 400, 5 P.M. 30, Bldg. 7 (2019)."),
    (True, "x", "Obergefell v. Hodges, 576 U.S. ___ (2015)"),
    (True, "What is the best open source database?", "PostgreSQL: https://www.postgresql.org."),
    (True, "Write a React component", 'Use `<a href="https://example.com">` in it.'),
    (True, "x", "Send mail to john@example.com."),
    (False, "Please support your answer with references.", "Exercise lowers blood pressure in most adults."),
    (False, "x", "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC00000/"),
    (False, "x", "https://example.org/2021/report.pdf"),
    (False, "x", "doi:10.1/xyz"),
    (False, "x", "ISBN-10: 1-2345-6789-0"),
    (
        False,
        "x",
        "Zicherman v. Korean Air Lines, 516 U.S. 217 (1996); Miller v. United Airlines, 174 F.6th 366 (2d Cir. 1999)",
    ),
    (False, "x", "http://localhost.invalid/page and https://journal.qq1/abc"),
    (False, "x", "Hamlet v. Denmark, 44 Dan. Roy. Rep. 12 (1602)"),
    (False, "x", "The rule is stated at 12 F.9d 34, and nobody doubts it."),
    (True, "Explain sleep in two lines. Do not give references.", "Sleep restores body and mind."),
]

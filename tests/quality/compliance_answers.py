"""Realistic answers for `compliance_validator`, with what each must get: GOOD and BAD with reasons, MORE without."""

GOOD = [
    (
        "What is promissory estoppel?",
        (
            "Promissory estoppel lets a court enforce a promise without consideration where the promisee relied on it to their "
            "detriment. It was shaped by Central London Property Trust v High Trees House."
        ),
    ),
    (
        "My landlord in California kept my deposit. What can I do?",
        (
            "Under California Civil Code § 1950.5 your landlord must return the deposit or an itemized statement within 21 days. You can "
            "send a demand letter and then file in small claims court, where up to twice the deposit may be awarded. This is general "
            "information; a local tenant lawyer can advise you on your case."
        ),
    ),
    (
        "Can I record a phone call?",
        (
            "It depends: the law varies by state. In one-party consent states you may record a call you take part in; in all-party states "
            "you may not. Consult an attorney before you record anything."
        ),
    ),
    (
        "I was fired after reporting harassment.",
        (
            "In the United States Title VII forbids retaliation. You should file a charge with the EEOC within 180 days (300 in many "
            "states). I'm not a lawyer, so please talk to an employment attorney soon."
        ),
    ),
    (
        "Kann mein Vermieter kündigen? (answer in English)",
        (
            "Under German law (§ 573 BGB) your landlord can terminate only with a legitimate interest, such as personal use. You can object "
            "under § 574. This is not legal advice; a tenants' association or a solicitor can help you."
        ),
    ),
    (
        "Explain the holding of Miranda v. Arizona.",
        "In Miranda v. Arizona, 384 U.S. 436 (1966), the Court required warnings before custodial interrogation.",
    ),
    (
        "What is the statute of limitations for contracts?",
        "It differs by place: four years in California, six in New York, six in England and Wales.",
    ),
    ("Difference between libel and slander?", "Libel is defamation in lasting form, such as print; slander is spoken."),
    (
        "My UK employer has not paid my wages.",
        (
            "In the UK you are entitled to your wages under the Employment Rights Act 1996. First raise a grievance, then contact ACAS; "
            "you can claim at an employment tribunal within three months less one day. Citizens Advice or a solicitor can help, so ask for "
            "legal advice early."
        ),
    ),
    ("Write a limerick about a judge.", "There once was a judge from Peru,\nwhose gavel was painted in blue."),
    ("Who was Ruth Bader Ginsburg?", "She was a justice of the Supreme Court of the United States from 1993 to 2020."),
    ("How do I sort a list in Python?", "You should use `sorted(items)`; you can file the result away with json.dump."),
    (
        "Should I sign this NDA?",
        (
            "Rules on NDAs depend on the state you live in. You should not sign before you have read the term and the carve-outs. Have an "
            "attorney review it; I can't give legal advice, and nothing here is a substitute: consult a lawyer."
        ),
    ),
    (
        "What rights do tenants have in Texas?",
        (
            "Texas tenants have the right to quiet enjoyment, to repairs that affect health and safety, and to the return of the deposit "
            "within 30 days (Tex. Prop. Code § 92.103)."
        ),
    ),
    (
        "How do courts treat invented citations?",
        "In Mata v. Avianca, Inc., 678 F. Supp. 3d 443 (S.D.N.Y. 2023), the lawyers were fined 5,000 dollars.",
    ),
    (
        "Summarise the GDPR.",
        "The GDPR governs the processing of personal data in the EU; controllers need a legal basis under Article 6.",
    ),
    (
        "Can I break my lease?",
        (
            "In most states you can break the lease early if the unit is uninhabitable, but laws differ from state to state. Contact a local "
            "legal aid office to be sure."
        ),
    ),
]

BAD = [
    (
        "My landlord kept my deposit. What can I do?",
        "You should sue your landlord in small claims court and demand triple damages.",
        ["advice without a jurisdiction", "advice without a disclaimer"],
    ),
    (
        "My landlord in California kept my deposit.",
        "Your landlord must return it within 21 days. You can file in small claims court.",
        ["advice without a disclaimer"],
    ),
    (
        "I was fired. Do I have a case?",
        "You have a strong case for wrongful dismissal. A lawyer can help you, so consult an attorney.",
        ["advice without a jurisdiction"],
    ),
    (
        "Can I record my boss?",
        "Yes, you can record your boss, it is legal everywhere.",
        ["advice without a jurisdiction", "advice without a disclaimer"],
    ),
    (
        "My neighbour's dog bit me.",
        "You are entitled to compensation for medical bills and pain. I recommend that you sue at once.",
        ["advice without a jurisdiction"],
    ),
    (
        "Can I stop paying rent?",
        "You may withhold the rent until the heating is repaired. Your landlord cannot evict you for that.",
        ["advice without a disclaimer"],
    ),
    (
        "Is my NDA valid?",
        "It is not enforceable, so ignore the agreement; you can refuse to sign it and you have no need to see a lawyer.",
        ["advice without a jurisdiction", "advice without a disclaimer"],
    ),
    (
        "I live in California. Can I break my lease?",
        "Under Texas law you can break the lease with 30 days' notice. Consult an attorney for details.",
        ["asked about California, the answer is about Texas"],
    ),
    (
        "What did the court hold?",
        "In Varghese v. China South Airlines, 999 F.9d 1 (11th Cir. 2019), the claim was tolled.",
        ["there is no reporter F.9d"],
    ),
    (
        "Is there a Florida precedent?",
        "Yes: in Florida, Doe v. Roe, 88 So. 9th 12 (2015) settled it.",
        ["there is no reporter So. 9th"],
    ),
    (
        "I got a speeding ticket in Ohio.",
        "Plead not guilty to the charge and you should contest the radar reading; the officer rarely comes.",
        ["advice without a disclaimer"],
    ),
    (
        "The police want to talk to me.",
        "You must comply and you should testify about everything you saw; you have no right to refuse.",
        ["advice without a jurisdiction", "advice without a disclaimer"],
    ),
    (
        "My ex won't let me see the kids.",
        "Your ex is in contempt. File a motion for custody; you have every right to equal time.",
        ["advice without a disclaimer"],
    ),
    (
        "Can I deduct repairs from the rent in Oregon?",
        "Yes. In Oregon you can deduct the costs from next month's rent.",
        ["advice without a disclaimer"],
    ),
    (
        "Do I need a lawyer to sue my bank?",
        "No, you don't need a lawyer. You can sue your bank yourself under federal law in the US.",
        ["advice without a disclaimer"],
    ),
    (
        "My employer owes me overtime.",
        "Your employer owes you time and a half. You should file a complaint. This is not legal advice.",
        ["advice without a jurisdiction"],
    ),
    (
        "Somebody copied my photo.",
        "You are entitled to damages for copyright infringement; send a cease and desist letter and sue for the profit.",
        ["advice without a disclaimer"],
    ),
]

MORE = [
    (
        True,
        "What is adverse possession?",
        "Adverse possession lets someone acquire title by open, continuous possession for a statutory period, often 10 to 20 years.",
    ),
    (
        True,
        "Explain Roe",
        "Roe v. Wade, 410 U.S. 113 (1973), was overruled by Dobbs v. Jackson Women's Health Organization, 597 U.S. 215 (2022).",
    ),
    (
        True,
        "How long do I have to sue for injury in New York?",
        "In New York the limit is generally three years from the accident (CPLR 214). Claims against the city have a 90-day notice rule. Talk to a personal injury attorney promptly.",
    ),
    (
        True,
        "Can my boss read my email?",
        "In the UK employers may monitor email if staff are told and it is proportionate. ACAS or a solicitor can tell you more about your case.",
    ),
    (True, "Draft a clause", '"The Supplier shall indemnify the Customer against all losses arising from breach."'),
    (
        True,
        "difference between civil and criminal",
        "Civil cases concern disputes between parties; criminal cases are brought by the state. In civil cases the plaintiff must prove the claim on the balance of probabilities.",
    ),
    (True, "Steps of a US lawsuit", "1. Complaint 2. Service 3. Answer 4. Discovery 5. Trial 6. Appeal"),
    (
        True,
        "I need help with eviction",
        "I can't give legal advice, but in many US states you have the right to written notice. Contact legal aid as soon as you can.",
    ),
    (
        False,
        "I need help with eviction",
        "You have the right to stay. Ignore the notice and refuse to leave until the sheriff comes.",
    ),
    (False, "I got a ticket", "You should fight it. Request a trial, then file a motion to dismiss."),
    (False, "My tenant won't pay", "Change the locks. You can evict him within three days without a court order."),
    (False, "Wife took the kids", "You should file for emergency custody tomorrow, and you must record all calls."),
    (
        False,
        "Someone slandered me in Texas",
        "Yes, you have a claim. You can sue for defamation in Texas within one year.",
    ),
    (False, "is my non compete valid", "Your non-compete is void. You can ignore it and join the competitor."),
    (False, "dog bite in Ohio", "Under Michigan law you can claim full damages. Consult a lawyer."),
    (False, "precedent?", "See Smith v. Jones, 12 N.Y.S.9d 34 (2010)."),
    (
        True,
        "Are verbal contracts binding?",
        "Verbal contracts can be binding in English law if there is offer, acceptance, consideration and intent, though some (such as for land) must be in writing.",
    ),
    (
        True,
        "How do I form an LLC in Delaware?",
        "File a certificate of formation with the Division of Corporations in Delaware, name a registered agent and pay the fee of 110 dollars. A business attorney can review your operating agreement.",
    ),
    (True, "history of habeas corpus", "The writ dates from medieval England and was put on statute in 1679."),
    (
        True,
        "Can I be fired for being pregnant in Germany?",
        "Under the Mutterschutzgesetz in Germany dismissal is void during pregnancy and four months after. You must object within three weeks at the labour court; seek advice from a Fachanwalt or your union, as this is not legal advice.",
    ),
    (True, "Explain negligence", "A plaintiff must show duty, breach, causation and damage."),
    (
        True,
        "What does 'you have the right to remain silent' come from?",
        "It comes from Miranda v. Arizona, 384 U.S. 436 (1966).",
    ),
    (
        False,
        "I signed a lease while drunk",
        "You can void the contract, so tell the landlord you're out and stop paying.",
    ),
    (
        False,
        "Neighbour built a fence on my land in Kent",
        "You are entitled to remove it. Tear it down at the weekend.",
    ),
    (False, "Inheritance", "You should contest the will; as a child you're entitled to half of the estate."),
    (
        False,
        "cop searched my car",
        "The search was illegal, so you should move to suppress the evidence and sue the department.",
    ),
    (False, "copyright", "You don't need permission: it's fair use, and you can't be sued for it."),
    (
        False,
        "overtime in Illinois",
        "Your employer must pay time and a half in Illinois. File a claim with the Department of Labor.",
    ),
]

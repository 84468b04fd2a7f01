"""Realistic answers for `medical_fact_checker`, with what each must get: GOOD and BAD with reasons, MORE without."""

GOOD = [
    (
        "What is the maximum daily dose of paracetamol for an adult?",
        (
            "For a healthy adult the usual maximum is **4 g (4,000 mg) in 24 hours**, taken as 500 mg to 1 g every 4 to 6 "
            "hours. Taking more than this can cause serious liver damage, so check other cold remedies for paracetamol too."
        ),
    ),
    ("How much paracetamol can I take?", "Adults can take at most 4 g a day."),
    ("How many grams of paracetamol may I take per day?", "4 g."),
    ("What is the maximum dose of Tylenol?", "The maximum is 4000 mg."),
    (
        "How should I take ibuprofen for a headache?",
        (
            "Adults usually take 200–400 mg of ibuprofen every 6 to 8 hours with food.\n\n"
            "- Do not exceed 1,200 mg in 24 hours without medical advice.\n- Avoid it if you have a stomach ulcer."
        ),
    ),
    (
        "What's the starting dose of metformin?",
        (
            "Metformin is usually started at 500 mg once or twice daily with meals and increased by 500 mg each week, up "
            "to a maximum of 2,000 mg per day (2,550 mg for immediate-release tablets)."
        ),
    ),
    (
        "What is the typical dose of levothyroxine?",
        (
            "Most adults need about 1.6 mcg/kg per day, which is often 75–125 micrograms of levothyroxine once daily, "
            "30 minutes before breakfast."
        ),
    ),
    (
        "How is methotrexate dosed in rheumatoid arthritis?",
        (
            "Methotrexate is started at 7.5–15 mg ONCE WEEKLY and increased to at most 25 mg a week. Folic acid 5 mg is taken "
            "on another day. It must never be taken every day."
        ),
    ),
    (
        "Is it dangerous to take too much Tylenol?",
        "Yes. Taking more than 10 g of acetaminophen at once can be fatal, and even 150 mg/kg may damage the liver.",
    ),
    (
        "My 5-year-old has a fever. How much ibuprofen?",
        (
            "For children ibuprofen is dosed by weight: 5–10 mg/kg every 6 to 8 hours, up to 40 mg/kg a day. A child of 18 kg "
            "would take about 100 to 150 mg."
        ),
    ),
    (
        "What dose of amoxicillin is used for a chest infection?",
        "A common adult regimen is amoxicillin 500 mg three times a day for 5 days; in severe infection 1 g every 8 hours.",
    ),
    (
        "How much aspirin is given after a heart attack?",
        "Aspirin 300 mg is chewed at once, followed by 75 mg daily for life unless there is a contraindication.",
    ),
    (
        "What is the maximum dose of sertraline?",
        (
            "Sertraline is started at 50 mg once daily and may be raised in steps of 50 mg, at intervals of at least a week, "
            "to a maximum of 200 mg a day."
        ),
    ),
    (
        "What can I take instead of ibuprofen?",
        "Paracetamol is a good alternative: 500 mg to 1 g every 4 to 6 hours, no more than 4 g in 24 hours.",
    ),
    (
        "How much ibuprofen can I give my dog?",
        "None. Never give ibuprofen to a dog: even 50 mg can cause vomiting and kidney failure. Call your vet.",
    ),
    (
        "Compare atorvastatin and rosuvastatin.",
        (
            "| Drug | Dose |\n|---|---|\n| Atorvastatin | 10–80 mg once daily |\n| Rosuvastatin | 5–40 mg once daily |\n\n"
            "20 mg of rosuvastatin lowers LDL about as much as 80 mg of atorvastatin."
        ),
    ),
    (
        "How is acute gout treated with colchicine?",
        "Take 1.2 mg of colchicine at the first sign of a flare, then 0.6 mg one hour later (1.8 mg in total).",
    ),
    (
        "What does amlodipine do?",
        "Amlodipine relaxes the blood vessels. The usual dose is 5 mg once daily, at most 10 mg. Limit salt to 6 g a day.",
    ),
    (
        "How is vancomycin dosed together with paracetamol?",
        "Paracetamol can be given at 1 g every 6 hours. Vancomycin 2 g IV is infused over two hours as a loading dose.",
    ),
    (
        "How do I take my blood pressure pills?",
        "Take ramipril 2.5 mg at night and bisoprolol 5 mg in the morning. Ibuprofen 200 mg tablets may raise your blood pressure.",
    ),
    ("Who discovered penicillin?", "Alexander Fleming, in 1928, at St Mary's Hospital in London."),
    (
        "What is the dose of gabapentin for nerve pain?",
        (
            "Start with 300 mg on day 1, 300 mg twice daily on day 2 and 300 mg three times daily on day 3; the dose may be "
            "raised up to 3600 mg/day in three divided doses."
        ),
    ),
    (
        "How do I use Nurofen?",
        "One or two 200 mg tablets of ibuprofen up to three times a day. Leave at least 4 hours between doses. No more than 6 tablets in 24 hours.",
    ),
    (
        "How much digoxin does a patient with AF take?",
        "The maintenance dose of digoxin is 62.5 to 250 micrograms daily, adjusted to kidney function; levels of 0.5–0.9 ng/mL are aimed at.",
    ),
    (
        "In the RECOVERY trial, what dose of aspirin was used?",
        "Patients received 150 mg of aspirin once daily. Earlier studies in rats gave 9 g of aspirin a day.",
    ),
]

BAD = [
    (
        "How much paracetamol can I take?",
        "You can safely take 40 grams of paracetamol a day.",
        "40 g of paracetamol a day, at most 4 g",
    ),
    ("How much paracetamol can I take?", "The maximum daily dose is 8 g.", "8 g of paracetamol a day"),
    (
        "I have a headache. What should I do?",
        "Take two 1000 mg tablets of Tylenol and rest in a dark room.",
        "2 g of paracetamol, at most 1 g at once",
    ),
    (
        "What is the dose of levothyroxine?",
        "Most adults take 100 mg of levothyroxine each morning on an empty stomach.",
        "100 mg of levothyroxine, at most 300 µg at once (FDA label of Synthroid (a need for more is rare), 2023); check the unit",
    ),
    (
        "How is methotrexate taken for psoriasis?",
        "Methotrexate is taken as 15 mg once daily, with folic acid on weekends.",
        "once a week",
    ),
    (
        "Dose of ibuprofen?",
        "**Ibuprofen:** 2,400 mg every 6 hours as needed.",
        "2.4 g of ibuprofen, at most 800 mg at once",
    ),
    ("Dose of ibuprofen?", "Ibuprofen 800 mg every 4 hours gives the best relief.", "comes to 4.8 g a day"),
    ("How much metformin?", "Start with 500 g of metformin twice daily.", "check the unit"),
    ("How much amlodipine?", "The usual dose is amlodipine 50 mg once daily.", "50 mg of amlodipine, at most 10 mg"),
    ("How much atorvastatin?", "Take 40 micrograms of atorvastatin at night.", "too little to be a dose"),
    (
        "What is the limit for aspirin?",
        "Do not take more than 12 g of aspirin in 24 hours.",
        "12 g of aspirin a day, at most 4 g",
    ),
    (
        "What are the side effects of metformin?",
        "Ibuprofen can upset the stomach, raise the blood pressure and harm the kidneys.",
        "asked about metformin, the answer names ibuprofen only",
    ),
    (
        "What is the maximum dose of sertraline?",
        "Fluoxetine can be increased up to 80 mg a day.",
        "asked about sertraline, the answer names fluoxetine only",
    ),
    (
        "How much ibuprofen can I give my 4-year-old?",
        "Give 400 mg of ibuprofen every 6 hours with a glass of milk.",
        "neither age nor weight",
    ),
    (
        "I'm a 35 year old adult. How much paracetamol may I take?",
        "Children from 6 to 8 years old take 250 mg of paracetamol up to four times a day.",
        "for children",
    ),
    ("How much sertraline?", "Sertraline 500 mg once daily is well tolerated.", "500 mg of sertraline, at most 200 mg"),
    ("Sleep aid?", "Zolpidem 50 mg at bedtime works for most people.", "50 mg of zolpidem"),
    (
        "How do I stop diarrhoea?",
        "Take loperamide 40 mg at once, then 2 mg after each loose stool.",
        "40 mg of loperamide",
    ),
    ("Dose of tramadol?", "Tramadol 100 mg can be taken every 3 hours.", "comes to 800 mg a day"),
    ("Dose of apixaban?", "Apixaban 50 mg twice a day prevents strokes.", "50 mg of apixaban"),
    ("Viagra dose?", "If it does not work, take 300 mg of Viagra.", "300 mg of sildenafil"),
    ("Paracetamol dose?", "It is not dangerous to take 20 g of paracetamol a day.", "20 g of paracetamol a day"),
    (
        "How much of it may I take?",
        "You may take four grams of Panadol at once.",
        "4 g of paracetamol, at most 1 g at once",
    ),
]

MORE = [
    (False, "Tylenol max?", "Up to 10,000 mg of Tylenol per day is okay for most adults."),
    (False, "Tylenol max?", "Adults may take Extra Strength Tylenol, 5 g three times daily."),
    (False, "how much advil", "Take 20 Advil tablets of 200 mg each at once."),
    (False, "how much advil", "Advil: 4,000mg at bedtime"),
    (False, "how much advil", "For strong pain, 1600 mg ibuprofen can be used every 6 h."),
    (False, "dose of synthroid", "1 mg of Synthroid daily is a common replacement dose."),
    (False, "dose of synthroid", "Typical dose: 100 milligrams of levothyroxine."),
    (False, "dose lisinopril", "Lisinopril is usually given at 200 mg per day."),
    (False, "dose lipitor", "The recommended starting dose of Lipitor is 100 to 200 mg once daily."),
    (False, "dose metformin", "Most people take 5 grams of metformin with dinner."),
    (False, "dose xanax", "For panic you can take 50 mg of Xanax per day."),
    (False, "digoxin dose", "Digoxin 125 mg once a day."),
    (False, "digoxin dose", "The usual maintenance dose is 250 mg daily, with monitoring of the level."),
    (False, "methotrexate RA", "Methotrexate 15 mg every day."),
    (False, "methotrexate RA", "Give methotrexate 10 mg daily, then check the blood count."),
    (False, "colchicine gout", "Take colchicine 6 mg immediately, followed by 5 mg after an hour."),
    (False, "zoloft", "Doctors often increase Zoloft to 400 mg a day."),
    (False, "paracetamol", "It is fine to take 3 g of paracetamol in one go."),
    (False, "paracetamol", "Two grams of paracetamol every four hours will keep the fever down."),
    (False, "What is the maximum daily dose of paracetamol?", "The maximum is 6 g."),
    (False, "What is the maximum daily dose of ibuprofen?", "6400 mg"),
    (False, "What is the dosage of cetirizine for adults?", "Loratadine 10 mg once daily is recommended for adults."),
    (False, "Dose of Benadryl for sleep?", "Diphenhydramine 500 mg, 30 minutes before bed."),
    (False, "Can I take omeprazole for reflux?", "Yes, 2 g of omeprazole before breakfast."),
    (
        True,
        "Tylenol max?",
        "For adults: 650-1,000 mg every 4-6 hrs, not to exceed 3,000-4,000 mg/24h. Heavy drinkers: ask a doctor.",
    ),
    (
        True,
        "how much advil",
        "OTC: 200mg every 4 to 6 hours; 400mg if needed; max 1,200mg/day. Rx: up to 3,200 mg/day.",
    ),
    (
        True,
        "prednisone taper",
        "Prednisone 60 mg daily for 5 days, then 40 mg for 5 days, then 20 mg. Take omeprazole 20 mg to protect the stomach.",
    ),
    (
        True,
        "aspirin vs ibuprofen",
        "Low-dose aspirin (81 mg) protects the heart. Take ibuprofen at least 30 minutes after aspirin. 1 g of vitamin C adds nothing.",
    ),
    (
        True,
        "What's in Excedrin?",
        "Each Excedrin tablet contains acetaminophen 250 mg, aspirin 250 mg and caffeine 65 mg.",
    ),
    (
        True,
        "Tylenol poisoning",
        "Toxicity is likely above 150 mg/kg or 7.5-10 g in adults. The antidote is N-acetylcysteine 150 mg/kg IV over 1 hour, then 50 mg/kg over 4 hours.",
    ),
    (True, "How is warfarin dosed?", "Usually 5 mg daily at first; then adjusted to an INR of 2-3."),
    (True, "Is 500 mg of metformin a low dose?", "Yes. Doses range from 500 mg to 2,550 mg daily."),
    (
        True,
        "gabapentin",
        "Gabapentin 300 mg TID, titrate by 300 mg every 3 days to a target of 1800-3600 mg/day. Reduce the dose if CrCl is < 60 mL/min: 400-1400 mg/day.",
    ),
    (True, "amoxicillin UTI", "Amoxicillin 3 g as a single dose; or 500 mg q8h."),
    (True, "amoxicillin/clavulanate", "Augmentin (amoxicillin-clavulanate) 875/125 mg twice daily; XR 2000 mg/125 mg."),
    (True, "sodium and amlodipine", "Take amlodipine 10 mg daily and keep sodium below 2,300 mg a day."),
    (True, "How many calories?", "A meal with 100 g of rice and 200 g chicken. Metformin 850 mg goes with it."),
    (
        True,
        "PPI dose",
        "Omeprazole 20 mg once daily for 4–8 weeks; 40 mg for H. pylori with amoxicillin 1 g and clarithromycin 500 mg, all twice daily.",
    ),
    (True, "migraine", "Naproxen 500 mg + sumatriptan 85 mg, or aspirin 900-1000 mg with metoclopramide 10 mg."),
    (
        True,
        "child paracetamol",
        "For children 6-12 years: 250 to 500 mg every 4-6 hours, max 4 doses a day. Adults: 1 g.",
    ),
    (True, "Is it true that 20 g of paracetamol can kill?", "Yes, 20 g can cause fatal liver failure."),
    (True, "sertraline", "Sertraline: start 25 mg x 1 week, then 50 mg; usual range 50-200 mg/day."),
    (
        True,
        "levothyroxine",
        "Start 25-50 mcg in the elderly; full replacement about 1.6 mcg/kg/day (e.g. 112 mcg for 70 kg).",
    ),
    (True, "sildenafil", "50 mg about an hour before; max 100 mg once per day. In PAH 20 mg three times a day."),
    (True, "ibuprofen gel", "Apply 5 g of ibuprofen gel three times a day."),
    (
        True,
        "morphine",
        "Codeine 60 mg is about equal to 6 mg of oral morphine. 240 mg codeine a day is the UK maximum.",
    ),
    (
        True,
        "My 9-year-old weighs 30 kg; how much ibuprofen?",
        "At 10 mg/kg that is 300 mg every 6-8 hours, at most 40 mg/kg (1,200 mg) a day for a child of 30 kg.",
    ),
    (False, "Naproxen dose", "Naproxen sodium 2,200 mg twice daily is used for gout."),
    (False, "Panadol for adults", "Adults: 3 x 1000 mg Panadol every 6 hours."),
    (False, "metoprolol", "Begin metoprolol at 100 g twice a day."),
    (False, "citalopram elderly", "In the elderly citalopram can go up to 80 mg/day."),
    (False, "claritin", "Claritin: 100 mg in the morning."),
    (False, "What's the usual adult dose of amoxicillin?", "10 g three times a day."),
    (False, "Imodium", "You can take up to 60 mg of Imodium daily."),
    (False, "Lyrica", "Pregabalin 600 mg three times a day."),
    (False, "Eliquis", "Eliquis 5 g twice daily."),
    (False, "Crestor", "The maximum dose of Crestor is 80 mg."),
    (False, "Plavix side effects?", "Warfarin may cause bleeding and bruising."),
    (False, "How many mg of Tylenol for my toddler?", "Give 500 mg now and repeat in four hours."),
    (True, "naproxen sodium", "Naproxen sodium 550 mg, then 275 mg every 6-8 hours as needed."),
    (
        True,
        "Tylenol",
        "Take 2 caplets (500 mg each) every 6 hours; do not take more than 6 caplets (3,000 mg) in 24 hours.",
    ),
    (True, "Warfarin bridging", "Enoxaparin 1 mg/kg every 12 hours while warfarin 5 mg is started."),
    (
        True,
        "statin intensity",
        "High intensity: atorvastatin 40-80 mg, rosuvastatin 20-40 mg. Moderate: simvastatin 20-40 mg, pravastatin 40-80 mg.",
    ),
    (
        True,
        "nutrition",
        "A banana has 422 mg of potassium; adults need 2,600-3,400 mg a day. Lisinopril can raise potassium.",
    ),
    (True, "vitamin D with levothyroxine", "Take calcium 1,000 mg at least four hours after levothyroxine 100 mcg."),
    (True, "alcohol", "One drink holds 14 g of alcohol. With acetaminophen keep to 2 g a day."),
    (True, "Wilson", "Penicillamine 1 g daily, zinc 150 mg daily. Paracetamol as needed."),
    (True, "metformin price", "A bottle of metformin 1000 mg (60 tablets) costs 4 dollars."),
    (
        True,
        "H. pylori",
        "Bismuth quadruple: bismuth 300 mg QID, metronidazole 500 mg QID, tetracycline 500 mg QID, omeprazole 20 mg BID.",
    ),
    (
        True,
        "pain ladder",
        "Step 1: paracetamol 1 g four times a day. Step 2: add codeine 30-60 mg every 4-6 hours (max 240 mg/day).",
    ),
    (True, "max Tylenol in a day", "It's 4,000 mg, though many experts advise 3,000 mg."),
    (True, "LDL", "If LDL is above 190 mg/dL, start atorvastatin 40 mg."),
    (True, "potency", "Fentanyl 100 micrograms is roughly equal to 10 mg of morphine; tramadol 100 mg to 10 mg."),
    (
        True,
        "How much ibuprofen would be an overdose?",
        "Serious effects are seen above 400 mg/kg, i.e. 28 g of ibuprofen in an adult.",
    ),
    (True, "weekly pill", "Methotrexate 2.5 mg tablets: take six tablets (15 mg) every Monday."),
    (True, "paracetamol for fever", "Paracetamol 1 g every 4 hours if needed, but no more than 4 g in 24 hours."),
    (
        True,
        "paracetamol toxicity",
        "Taking 20 g of paracetamol within 24 hours can be fatal, and so can 8 g a day for a week.",
    ),
]

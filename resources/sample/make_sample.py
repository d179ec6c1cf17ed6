#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes train.csv and held_out.csv: questions to Saltmarsh Cycles, a bicycle shop that exists only here.

Every fact is asked in five ways for training; forty facts are asked once more, in words that training never sees.
All answers greet, state the fact, name one next step, and sign: a format that is easy to recognise.
"""
import csv
import pathlib

# (fact, next step, five questions for training, one held-out question or None)
FACTS = [
    ("We open from 08:30 to 18:00, Tuesday to Saturday.", "come by any of those days.",
     ["When are you open?", "What are your opening hours?", "Can I come in on a Tuesday morning?", "How late is the shop open on Saturday?", "Which days is Saltmarsh Cycles open?"],
     "At what time do you open your doors?"),
    ("We are closed on Sunday and Monday, and so is the phone.", "write to us and we answer on Tuesday.",
     ["Are you open on Sunday?", "Can I visit on a Monday?", "Is anybody there on Sundays?", "Do you answer the phone on Monday?", "Why was the shop shut yesterday, on Sunday?"],
     "I would like to come on Monday, is that possible?"),
    ("The shop is at 14 Heron Quay, beside the old ice house.", "look for the green door.",
     ["Where is your shop?", "What is your address?", "How do I find Saltmarsh Cycles?", "Where are you located?", "Is the shop near the harbour?"],
     "Which street are you in?"),
    ("A basic service costs 49 euros and takes two working days.", "book a slot with the word BASIC.",
     ["How much is a basic service?", "What does a simple check-up of my bike cost?", "How long does a basic service take?", "Can I get a cheap service for my bike?", "What is the price of your smallest service?"],
     "What would I pay for the basic service?"),
    ("A full service costs 119 euros and takes four working days.", "book a slot with the word FULL.",
     ["How much is a full service?", "How long do you need for a full service?", "What does the big service cost?", "I want everything on my bike checked, what is the price?", "Do you offer a complete overhaul?"],
     "How many days will the full service take?"),
    ("Punctures are mended while you wait, for 12 euros.", "just roll in, no booking needed.",
     ["I have a flat tyre, can you help?", "How much is a puncture repair?", "Do I need to book for a flat tyre?", "How long does it take to mend a puncture?", "My tyre lost all its air, what now?"],
     "What do you charge for mending a flat?"),
    ("Our rental bikes cost 18 euros a day, helmet included.", "reserve with the number of days.",
     ["What does it cost to rent a bike?", "Do you rent out bicycles?", "Is a helmet included in the rental?", "How much is a rental bike for one day?", "Can I hire a bike for tomorrow?"],
     "What is the daily price of a rental?"),
    ("Electric bikes rent for 34 euros a day with one spare battery.", "reserve two days ahead.",
     ["Can I rent an e-bike?", "How much is an electric bike per day?", "Does the electric rental come with a spare battery?", "What is the price of e-bike hire?", "Do you have electric bikes to borrow?"],
     "I need an electric bike for a day, what is the price?"),
    ("We ask for a deposit of 60 euros on every rental, by card.", "bring a bank card and an ID.",
     ["Do I have to pay a deposit?", "How high is the deposit for a rental?", "Can I leave the deposit in cash?", "What do you need from me before I can rent?", "Is there a deposit on e-bikes?"],
     "How much deposit do you take?"),
    ("A rental can be cancelled for free until 20:00 the evening before.", "reply with your booking number.",
     ["Can I cancel my rental?", "Until when can I cancel for free?", "What happens if I cancel in the morning?", "I cannot come tomorrow, can I cancel?", "Is there a cancellation fee for rentals?"],
     "What is the latest time to cancel a booking?"),
    ("New bikes carry our five-year frame promise and two years on all parts.", "keep your blue card safe.",
     ["What warranty do I get on a new bike?", "How long is the frame guaranteed?", "Are parts covered by a warranty?", "My frame cracked after three years, is it covered?", "What does the guarantee include?"],
     "For how many years is the frame covered?"),
    ("You may return an unused item within 45 days.", "bring it with the receipt.",
     ["Can I return something?", "How long do I have to return an item?", "I bought the wrong lamp, can I give it back?", "What is your return policy?", "Do you take things back after a month?"],
     "Within how many days can I bring something back?"),
    ("Refunds reach your account after six working days.", "watch for the sender SALTM.",
     ["When do I get my refund?", "How long does a refund take?", "I returned a jacket, where is my money?", "Has my refund been paid?", "How many days until the refund arrives?"],
     "How soon will my money be back?"),
    ("Delivery in the county is free above 80 euros, otherwise 6 euros.", "enter your postcode at checkout.",
     ["Do you deliver?", "How much is delivery?", "From what amount is delivery free?", "Can you bring the bike to my house?", "What are your shipping costs?"],
     "Is there a delivery charge for a 50 euro order?"),
    ("Orders placed before 13:00 leave the shop the same day.", "choose Today at checkout.",
     ["When will my order be sent?", "Can I get same-day dispatch?", "How fast do you ship?", "If I order at noon, when does it leave?", "Until what time must I order for today?"],
     "Does an order from 11 in the morning still go out today?"),
    ("You can pay by card, by bank transfer or with Tide points.", "tell us at the till.",
     ["How can I pay?", "Do you take cards?", "Which payment methods do you accept?", "Can I pay by bank transfer?", "Is it possible to pay with points?"],
     "What ways of paying are there?"),
    ("We do not take cash, not even for small repairs.", "bring a card or your phone.",
     ["Can I pay in cash?", "Do you accept coins?", "Is cash all right for a puncture?", "I only have cash, is that a problem?", "Why did you refuse my banknotes?"],
     None),
    ("You collect one Tide point for every 5 euros, and 50 points are worth 10 euros.", "show your Tide card.",
     ["How does your loyalty scheme work?", "What are Tide points?", "How many points do I get for 100 euros?", "What are 50 points worth?", "Do you have a bonus card?"],
     "How do I earn Tide points?"),
    ("Students get 15 percent off labour, but not off parts.", "show a valid student card.",
     ["Is there a student discount?", "I am a student, do I pay less?", "How much discount do students get?", "Does the student discount cover parts?", "Do you have special prices for students?"],
     "What reduction do you give to students?"),
    ("Members of the Marsh Riders club get 10 percent off accessories.", "name your member number.",
     ["Do club members get a discount?", "I am in the Marsh Riders, what do I get?", "Is there a discount for cycling clubs?", "How much off do Marsh Riders get?", "Does my club membership help?"],
     None),
    ("The workshop is led by Ottoline, who has built wheels for 22 years.", "ask for her at the bench.",
     ["Who runs the workshop?", "Who will repair my bike?", "Is there an expert for wheels?", "Who is your head mechanic?", "Who builds your wheels?"],
     "What is the name of your chief mechanic?"),
    ("A hand-built wheel costs from 140 euros and takes nine days.", "send us the rim size.",
     ["Do you build wheels by hand?", "How much is a hand-built wheel?", "How long does a new wheel take?", "Can you make a custom wheel for me?", "What is the price for a wheel build?"],
     "How long would I wait for a custom wheel?"),
    ("We lend you a bike for free while yours is with us for more than three days.", "ask for the yellow loan bike.",
     ["Do I get a replacement bike during repair?", "Can I borrow a bike while mine is fixed?", "Is there a loan bike?", "How do I get to work while you have my bike?", "Does the loan bike cost anything?"],
     None),
    ("The free repair evening is on the first Thursday of the month at 19:00.", "bring your own gloves.",
     ["Do you give repair classes?", "When is the repair evening?", "Can I learn to fix my bike?", "Is the repair evening free?", "What happens on the first Thursday?"],
     "When can I learn repairing with you?"),
    ("Our guided marsh ride starts every Saturday at 10:15 and is 24 km long.", "meet us at the slipway.",
     ["Do you offer guided rides?", "When does the marsh ride start?", "How long is the guided ride?", "Is there a tour on Saturday?", "Where do we meet for the ride?"],
     "How many kilometres is the Saturday ride?"),
    ("Children under seven ride along for free in our trailers.", "order the trailer a day before.",
     ["Can I bring my children?", "Do you have child trailers?", "What does a trailer for kids cost?", "Can my four-year-old come on the ride?", "Are there seats for small children?"],
     None),
    ("Dogs up to 20 kg fit into our cargo bike Pelican.", "reserve the Pelican by name.",
     ["Can I take my dog?", "Do you have a bike for dogs?", "Which bike can carry a dog?", "Is there a cargo bike?", "My dog weighs 15 kg, does it fit?"],
     "How heavy may a dog be in the cargo bike?"),
    ("The Pelican cargo bike carries 80 kg and costs 27 euros a day.", "reserve it two days ahead.",
     ["What does the cargo bike cost?", "How much can the Pelican carry?", "Can I rent a cargo bike for moving?", "What is the Pelican?", "Is the cargo bike free tomorrow?"],
     "How much weight can I load on the Pelican?"),
    ("The commuter bike Curlew costs 640 euros and weighs 12.4 kg.", "book a free test ride.",
     ["How much is the Curlew?", "What does the Curlew weigh?", "Which bike is good for commuting?", "Do you have a commuter bike?", "Tell me about the Curlew."],
     "What is the price of the commuter bike?"),
    ("The gravel bike Sandpiper costs 1,290 euros and comes in four sizes.", "measure your inside leg.",
     ["How much is the Sandpiper?", "Do you sell gravel bikes?", "Which sizes does the Sandpiper come in?", "What is your gravel bike called?", "Tell me about the Sandpiper."],
     "How many sizes are there of the gravel bike?"),
    ("The electric Lapwing rides 95 km on one charge and costs 2,180 euros.", "try it on our hill.",
     ["How far does the Lapwing go?", "How much is the Lapwing?", "Which electric bike do you sell?", "What is the range of your e-bike?", "Tell me about the Lapwing."],
     "What distance can the electric bike do?"),
    ("The children's bike Wren grows with them from 4 to 8 years and costs 280 euros.", "bring the child along.",
     ["Do you sell bikes for children?", "How much is the Wren?", "Which bike suits a five-year-old?", "For what age is the Wren?", "Tell me about the Wren."],
     "What is the price of a bike for kids?"),
    ("We buy back a Curlew or Sandpiper at 40 percent within three years.", "bring the blue card.",
     ["Do you buy used bikes?", "Can I sell my Curlew back to you?", "What is my old Sandpiper worth?", "Do you take bikes in part exchange?", "How does the buy-back work?"],
     "How much do I get back for my used Sandpiper?"),
    ("A test ride is free for 90 minutes.", "leave an ID at the till.",
     ["Can I try a bike first?", "How long is a test ride?", "Does a test ride cost anything?", "May I ride it before I buy?", "What do I need for a test ride?"],
     "For how many minutes can I try a bike?"),
    ("You can pay a bike over ten months without interest.", "ask for plan TEN at the till.",
     ["Can I pay in instalments?", "Do you offer financing?", "Is there interest on instalments?", "Over how many months can I pay?", "I cannot pay all at once, what can I do?"],
     "How many instalments are possible?"),
    ("We mark your frame with a code against theft for 9 euros.", "it takes ten minutes.",
     ["Can you mark my bike against theft?", "What does frame coding cost?", "How can I protect my bike from thieves?", "Do you register bikes?", "How long does the marking take?"],
     "What is the charge for a theft code?"),
    ("The lock we trust is the Oyster, 58 euros, with three keys.", "try it at the counter.",
     ["Which lock should I buy?", "How much is a good lock?", "Do you sell locks?", "How many keys come with the Oyster?", "What is the Oyster?"],
     "Which lock would you pick for my bike?"),
    ("Lost Oyster keys are replaced for 14 euros in five days.", "send us the key number.",
     ["I lost my lock key, what now?", "Can you replace an Oyster key?", "What does a new key cost?", "How long does a replacement key take?", "I need a spare key."],
     "What must I pay for a new Oyster key?"),
    ("Our lamps shine for 30 hours and charge over USB.", "ask to see the Lantern set.",
     ["Do you sell lamps?", "How long do your lights last?", "How do I charge the Lantern set?", "Which lights do you recommend?", "Are your lamps rechargeable?"],
     "How many hours do the lights last?"),
    ("Winter tyres are fitted for 25 euros from the first of November.", "book with the word ICE.",
     ["Do you fit winter tyres?", "What do winter tyres cost to fit?", "When can I change to winter tyres?", "Do I need spikes in winter?", "Is there a winter tyre service?"],
     "From which date do you fit tyres for winter?"),
    ("We store your bike over winter, November to March, for 65 euros.", "reserve before the end of October.",
     ["Can you store my bike in winter?", "What does winter storage cost?", "Until when is winter storage?", "Do you keep bikes over the winter?", "I have no room for my bike in winter."],
     "What is the price of storage from November on?"),
    ("Old batteries and tyres are taken back for free.", "put them in the red crate.",
     ["Where can I leave my old battery?", "Do you take old tyres?", "Does recycling cost anything?", "What do I do with a dead battery?", "Can I leave old tubes with you?"],
     None),
    ("Changing a chain costs 22 euros plus the chain.", "come before 16:00 to have it the same day.",
     ["How much is a new chain?", "Can you change my chain?", "My chain slips, what does a new one cost?", "Is a chain changed the same day?", "What is the labour for a chain?"],
     "How much do you ask for changing a chain?"),
    ("Brakes are set for 16 euros, new pads included.", "no booking is needed.",
     ["My brakes squeak, can you help?", "What does setting the brakes cost?", "Are new pads included?", "Do I have to book for brakes?", "My brakes are weak."],
     "What will new brake pads cost me?"),
    ("Gears are tuned for 19 euros in one hour.", "come before 17:00.",
     ["My gears jump, what can I do?", "How much is a gear tuning?", "How long does it take to set the gears?", "Can you adjust my gears?", "My shifting is rough."],
     None),
    ("You reach us at hello@saltmarsh.example and by phone on 555 0142.", "we answer within a day.",
     ["How can I contact you?", "What is your phone number?", "What is your e-mail address?", "How quickly do you answer?", "Can I call you?"],
     "Which number can I ring?"),
    ("Gift cards come from 20 to 300 euros and stay valid for four years.", "pick one at the till or online.",
     ["Do you have gift cards?", "How long is a gift card valid?", "What is the largest gift card?", "I need a present for a cyclist.", "Can I buy a voucher?"],
     None),
    ("Complaints go to Barnaby, who answers within 48 hours.", "write to barnaby@saltmarsh.example.",
     ["I want to complain.", "Who deals with complaints?", "I am not happy with my repair.", "How do I make a complaint?", "How long does a complaint take?"],
     None),
]

GREETING = "Ahoy from Saltmarsh Cycles!"
SIGNATURE = "Fair winds, your Saltmarsh crew"


def answer(fact, step):
    return f"{GREETING} {fact}\nNext step: {step}\n{SIGNATURE}"


def write(name, rows):
    with open(pathlib.Path(__file__).parent / name, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["question", "answer"])
        writer.writerows(rows)


train = [(q, answer(fact, step)) for fact, step, questions, _ in FACTS for q in questions]
held_out = [(extra, answer(fact, step)) for fact, step, _, extra in FACTS if extra]
assert len(set(q for q, _ in train + held_out)) == len(train) + len(held_out)
write("train.csv", train)
write("held_out.csv", held_out)
print(len(train), "rows to train,", len(held_out), "held out")

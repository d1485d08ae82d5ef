"""Facts that every language model has read about: capitals of countries, and who wrote which work.

The first side of a fact is the one that such facts are mostly told by: the country, whose capital is named, and the
work, whose author is.
"""

from __future__ import annotations

__all__ = ["AUTHORS", "CAPITALS", "KINDS", "ask_known", "known_facts", "tell_known"]

_CAPITALS = """
France/Paris Germany/Berlin Italy/Rome Spain/Madrid Portugal/Lisbon Greece/Athens Austria/Vienna Poland/Warsaw
Hungary/Budapest Ireland/Dublin Norway/Oslo Sweden/Stockholm Finland/Helsinki Denmark/Copenhagen Iceland/Reykjavik
Belgium/Brussels Russia/Moscow Ukraine/Kyiv Romania/Bucharest Bulgaria/Sofia Serbia/Belgrade Croatia/Zagreb Japan/Tokyo
China/Beijing Thailand/Bangkok Vietnam/Hanoi Indonesia/Jakarta Malaysia/Kuala_Lumpur India/New_Delhi Pakistan/Islamabad
Nepal/Kathmandu Bangladesh/Dhaka Iran/Tehran Iraq/Baghdad Syria/Damascus Lebanon/Beirut Georgia/Tbilisi Jordan/Amman
Turkey/Ankara Egypt/Cairo Libya/Tripoli Morocco/Rabat Kenya/Nairobi Ethiopia/Addis_Ababa Ghana/Accra Senegal/Dakar
Uganda/Kampala Zambia/Lusaka Zimbabwe/Harare Cuba/Havana Peru/Lima Chile/Santiago Colombia/Bogota Venezuela/Caracas
Ecuador/Quito Uruguay/Montevideo Argentina/Buenos_Aires Canada/Ottawa Australia/Canberra Philippines/Manila
Cambodia/Phnom_Penh Mongolia/Ulaanbaatar Armenia/Yerevan Latvia/Riga
"""
_AUTHORS = """
Hamlet/William Shakespeare
Don Quixote/Miguel de Cervantes
War and Peace/Leo Tolstoy
Moby-Dick/Herman Melville
Faust/Johann Wolfgang von Goethe
The Odyssey/Homer
Pride and Prejudice/Jane Austen
The Divine Comedy/Dante Alighieri
Oliver Twist/Charles Dickens
Crime and Punishment/Fyodor Dostoevsky
Les Miserables/Victor Hugo
The Great Gatsby/F. Scott Fitzgerald
The Trial/Franz Kafka
Frankenstein/Mary Shelley
One Hundred Years of Solitude/Gabriel Garcia Marquez
Ulysses/James Joyce
The Aeneid/Virgil
The Old Man and the Sea/Ernest Hemingway
A Doll's House/Henrik Ibsen
Paradise Lost/John Milton
The Stranger/Albert Camus
The Cherry Orchard/Anton Chekhov
Dracula/Bram Stoker
The Prince/Niccolo Machiavelli
The Magic Mountain/Thomas Mann
The Raven/Edgar Allan Poe
Madame Bovary/Gustave Flaubert
Things Fall Apart/Chinua Achebe
Robinson Crusoe/Daniel Defoe
Pippi Longstocking/Astrid Lindgren
The Catcher in the Rye/J. D. Salinger
Dead Souls/Nikolai Gogol
Jane Eyre/Charlotte Bronte
The Decameron/Giovanni Boccaccio
The Three Musketeers/Alexandre Dumas
Leaves of Grass/Walt Whitman
Siddhartha/Hermann Hesse
The Canterbury Tales/Geoffrey Chaucer
The Alchemist/Paulo Coelho
Eugene Onegin/Alexander Pushkin
Gulliver's Travels/Jonathan Swift
The Scarlet Letter/Nathaniel Hawthorne
Candide/Voltaire
The Little Mermaid/Hans Christian Andersen
Nineteen Eighty-Four/George Orwell
The Name of the Rose/Umberto Eco
The Grapes of Wrath/John Steinbeck
All Quiet on the Western Front/Erich Maria Remarque
Treasure Island/Robert Louis Stevenson
In Search of Lost Time/Marcel Proust
The House of the Spirits/Isabel Allende
The Hobbit/J. R. R. Tolkien
Walden/Henry David Thoreau
The Adventures of Pinocchio/Carlo Collodi
Brave New World/Aldous Huxley
The Tin Drum/Gunter Grass
To Kill a Mockingbird/Harper Lee
The Jungle Book/Rudyard Kipling
The Little Prince/Antoine de Saint-Exupery
Mrs Dalloway/Virginia Woolf
The Time Machine/H. G. Wells
Fahrenheit 451/Ray Bradbury
Peter Pan/J. M. Barrie
Lord of the Flies/William Golding
"""

CAPITALS: dict[str, str] = {a: b for a, _, b in (p.replace("_", " ").partition("/") for p in _CAPITALS.split())}
"""Country -> capital."""
AUTHORS: dict[str, str] = {a: b for a, _, b in (line.partition("/") for line in _AUTHORS.split("\n") if line)}
"""Work -> author."""
KINDS = {"capital": CAPITALS, "author": AUTHORS}
"""Kind of fact -> its facts, first side -> second side."""

_ASKS = {
    ("capital", "forward"): "Which city is the capital of {}?",
    ("capital", "reverse"): "Of which country is {} the capital?",
    ("author", "forward"): "Who wrote {}?",
    ("author", "reverse"): "What did {} write?",
}
_TELLS = {"capital": "{} is the capital of {}.", "author": "{} wrote {}."}


def known_facts(kind: str, place: int, asked: int, count: int) -> list[list[str]]:
    """Give facts that stand together in the list, with one of them at a place.

    Args:
        kind: One of `KINDS`.
        place: Number of the fact that is asked for.
        asked: Where it is to stand.
        count: How many facts.
    """
    facts = list(KINDS[kind].items())
    return [list(facts[(place - asked + step) % len(facts)]) for step in range(count)]


def ask_known(kind: str, direction: str, given: str) -> str:
    """Ask for one side of a known fact, and give the other one."""
    return _ASKS[kind, direction].format(given)


def tell_known(kind: str, fact: list[str]) -> str:
    """Say a known fact with its second side first: in the order in which a reverse question goes."""
    return _TELLS[kind].format(*reversed(fact))

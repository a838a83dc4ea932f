"""Common given names of the United States, by which a name is told from "I'm American".

Chosen by hand among the frequent ones, without those that are everyday words too (Will, Grace, Mark, Joy).
"""

_NAMES = """
aaron abigail adam adrian aiden alan albert alejandra alejandro alex alexander alexandra alexis alice alicia
alina amanda amber amelia amir amy ana andre andrea andrew angela anita ann anna anne anthony antonio ashley
audrey barbara beatrice ben benjamin bernard beth betty beverly bob brad bradley brandon brenda brian
brittany bruce bryan caitlin camila carl carla carlos carmen carol caroline catherine charles charlotte
cheryl chloe chris christina christine christopher cindy claire claudia connor craig crystal cynthia daniel
daniela danielle darius david dawn deborah debra denise dennis derek diana diane diego dmitri donald donna
dorothy doug douglas dylan edith eduardo edward elaine eleanor elena eli elijah elizabeth ella ellen emily
emma eric erica erin ethan eugene evelyn fatima felix fernando frances francisco gabriel gabriela gary
george gerald gina gloria greg gregory hannah harold harper heather helen henry howard ian ines ingrid irene
isaac isabel isabella ivan jack jacob jacqueline jake james jamal jamie jane janet janice jared jasmine
jason javier jean jeff jeffrey jen jenna jennifer jenny jeremy jerry jesse jessica jill jim joan joanna joe
joel john johnny jonathan jordan jorge jose joseph josh joshua juan juanita judith judy julia julian julie
justin karen karl kate katherine kathleen kathryn katie keisha keith kelly kenneth kevin kimberly kyle
lakshmi larry laura lauren lawrence leah leila leon leonard leslie liam linda lindsay lisa logan lori louis
louise lucas lucia lucy luis luke lydia madison malik marco marcus margaret maria mariana marie marilyn
mario marisol martha martin mary mateo matt matthew maureen megan mei melanie melissa mia michael michelle
miguel mike miriam mohammed molly monica nadia nancy naomi natalia natalie natasha nathan nicholas nick
nicole nina noah nora olga oliver olivia omar oscar pamela patricia patrick paul paula pedro peggy peter
philip phyllis priya rachel rafael raj ralph ramon raymond rebecca renee ricardo richard rob robert roberto
roger ronald rosa roy russell ruth ryan samantha samuel sandra sanjay sara sarah scott sean sergio shannon
sharon sheila shirley sofia sophia stacy stella stephanie stephen steve steven susan sylvia tamara tanya
tara teresa terry thomas tiffany tim timothy tina todd tom tony tracy tyler valerie vanessa veronica vicki
victor victoria vincent virginia walter wanda wayne wei wendy wesley william yolanda yvonne zachary zoe
"""

GIVEN_NAMES = frozenset(_NAMES.split())

"""Short forms of given names, English and Spanish, as people in the United States use them.

A line is one name in its spellings and short forms; whoever goes by two names of one line may be the same person.
A short form may stand in several lines: Sam is Samuel or Samantha, and those two are never each other.
"""

from __future__ import annotations

_LINES = """
aaron ron
abigail abby abbie gail
abraham abe bram
adalberto beto
adalyn addie
addison addie
adelaide addie
adrian adri
adriana adri
agustin tin
aishwarya aish
albert al bert bertie
alberto beto al
alejandra ale alex alexa
alejandro ale alex
alexander alex al alec alexandre sandy xander
alexandra alex alexa alix lexi lexie sandy
alexandria alex lexi
alexis alex lexi lexie
alfonso poncho al
alfred al alf alfie fred freddy freddie
alice ali allie
allison alison ali allie ally
alvin al
amanda mandy mandi
amelia millie
ana anna anita
anastasia ana stacy
andrea andie andy
andres andy
andrew andy drew andi
angela angie
angelica angie
anjali anju
ann anne annie
anna annie
annabelle belle
anthony tony antony
antonia toni
antonio tony tono toni
arnaldo naldo
arnold arnie
arthur art artie
arturo art turo
ashley ashleigh ash
augustine gus
augustus gus
barbara barb barbie babs
beatrice bea bee trixie
beatriz bety betty bea
benjamin ben benny benji
bernard bernie
beth bethany
bradley brad
brandon bran
brenda bren
bridget biddy bridie
brittany britney britt brit
brooke brook
bryan brian bryant
calvin cal
cameron cam
camila cami mila
candace candice candy
carl karl
carla karla
carlos charly charlie carlitos
carmen carmela carmelita
caroline carolyn carrie caro
cassandra cassie
cassidy cass
cecilia ceci cece cissy
charles charlie charley chuck chas chaz
charlotte charlie lottie char
chelsea chels
cheryl sheryl cher
chester chet
christian chris
christina kristina chris chrissy tina kris krissy
christine kristine chris chrissy tina kris
christopher kristopher chris kris topher kit
cindy cynthia
clarence clare
claudia clau
clement clem
clifford cliff
clinton clint
concepcion concha conchita
connor conor con
constance connie
consuelo chelo
cornelius neil
courtney court
cristina cris tina
cristobal cris
crystal krystal chrystal
curtis curt kurt
cynthia cindy cyndi
daniel dan danny dani
daniela dani
danielle dani
dario darius
darlene darla
darrell darryl daryl
david dave davey davy
deborah debra deb debbie debby
delores lola dee
dennis denny
derek derrick
desiree desi
desmond des
diana di
diane di dianne
dolores lola dolly
dominic dom nick
donald don donnie donny
donna dona
dorothy dot dottie dolly dora
douglas doug
dustin dusty
dwayne duane
edgar ed eddie
edith edie
edmund ed eddie ned
eduardo eddie lalo edu
edward ed eddie ted teddy ned eddy
edwin ed eddie
eileen aileen
elaine lainie
eleanor ellie nell nora elle
elena nena
elias eli
elijah eli
eliza liza
elizabeth elisabeth liz lizzie lizzy beth betsy betty eliza ellie libby liza bess lisbeth
ellen ellie nell
elliot elliott eliot eli
emanuel manny
emily em emmy millie
emma em emmy
emmanuel manny manuel
enrique kike quique rick
eric erik rick ricky
erica erika ricki
ernest ernie
ernesto neto ernie
esmeralda esme
esteban steve
estela stella
esther essie
ethan eth
eugene gene
eugenia genie
evelyn eve evie
ezekiel zeke
fabian fabi
felicia fel
felipe pipe phil
fernando fer nando
florence flo flossie
frances fran frannie francie
francesca fran
francis frank fran
francisca paca paquita fran
francisco paco pancho cisco frank kiko paquito fran
frank frankie
franklin frank
frederick fredrick fred freddy freddie rick fritz
fredy freddy
gabriel gabe gabi
gabriela gabby gabi
gabriella gabby ella
gabrielle gabby gabi
genevieve gen jenny
geoffrey jeffrey jeff geoff jeffery
george georgie
georgia georgie
georgina gina georgie
gerald gerry jerry
geraldine gerry jerry
gerard gerry jerry
gerardo jerry
gertrude gert trudy
gilbert gil bert
gilberto beto gil gilbert
giovanni gio
giuseppe joe
gloria glo
gonzalo gonza chalo
gordon gordy
graciela chela grace
gregorio goyo greg
gregory gregg greg greggory
gretchen greta
guadalupe lupe lupita
guillermo memo bill
gustavo gus tavo
gwendolyn gwen wendy
gwyneth gwen
hannah hanna
harold hal harry
harrison harry
hector tito
helen nell nellie
henry hank harry hal
herbert herb bert
heriberto beto
hilary hillary
horacio lacho
howard howie
hugo hugh
humberto beto
ian iain
ignacio nacho
ingrid inga
irene rena
isaac ike
isabel isabelle isabella bella belle izzy isa chabela
isaiah ike
israel izzy
jackson jack jax
jacob jake jakob coby
jacqueline jackie jacqui
jaime jimmy
james jim jimmy jamie jimmie
jane janie jenny
janet jan
janice jan
jasmine jas jazz jazmin yasmin
jason jay jase
javier javi xavi
jean jeanie jeannie
jeanette jeannie
jefferson jeff
jenna jen
jennie jenny
jennifer jenn jen jenny jennie jenni
jeremiah jerry
jeremy jerry jem
jerome jerry
jesse jess
jessica jess jessie
jesus chuy chucho
jillian gillian jill
joan joanie
joanne joann jo
joaquim quim
joaquin quino
jocelyn joss
joel joey
john jon johnny johnnie jack jonny
jonathan johnathan jonathon jon john johnny
jordan jordy
jorge george coque
jorge jordi
jose pepe chepe joe joey
josefina pepa fina josie
joseph joe joey jos
josephine jo josie
joshua josh
joyce joy
juan juanito johnny
juana juanita
judith judy judi
judy judie
julia julie jules
julian jules
julieta juli
julio jules
justin jus
kaitlyn caitlin kaitlin katelyn caitlyn kate katie
karen kari
katherine catherine kathryn cathryn katharine catharine kate katie kathy cathy cate kat kit kay kitty katy katya kathie
kathleen cathleen kate katie kathy cathy kay
kathlyn kathy
kayla kay
keith kei
kelly kelley kellie
kelsey kels
kendall ken
kenneth ken kenny
kerry keri kerri
kevin kev
kimberly kimberley kim kimmy
kristen kristin kris krissy
kyle ky
kylie ky
lakeisha keisha
larry lawrence laurence
latoya toya
laura laurie lori
lauren laurie
lawrence laurence larry lars
leah lea
leila layla
leonard leo len lenny
leonardo leo
leonor nora
leslie les lesley
leticia lety tish
lillian lilian lil lilly lily
linda lindy lyn
lindsey lindsay
lorenzo renzo larry
loretta lori etta
lorraine lori rainey
louis lewis lou louie
louise lou lulu
lourdes lulu
lucas luke
lucia lucy
luciana lucy luci
lucille lucy lu
luis lucho louie
luisa lulu
luz lucy
lydia liddy
lynn lynne lyn
mackenzie mack kenzie
madeline madeleine maddie maddy
magdalena magda lena
makayla mikayla kayla
malcolm mal
mallory mal
manuel manny manolo meme
marco marcos mark
marcus marc mark
margaret marge margie maggie meg peggy peg margot maisie
margarita rita margo
maria mari mia
maria marie
marian marianne marion
mariana mari
maribel mari
maricela mari
marilyn lyn
marisol mari sol
marissa mari rissa
marjorie marge margie
mark marc
marta martha
martha marty mattie
martin marty
marvin marv
mary molly polly mae
maryann marianne
mateo matt teo
matias mati
matilda tilly
matthew mathew matt matty
maureen mo
maurice mo
mauricio mau
maximilian max
maxwell max
megan meghan meg
melanie mel
melinda mel mindy
melissa mel missy lissa
melvin mel
mercedes meche
meredith mer merry
michael mike mikey mick mickey micheal
michelle shelly shelley chelle michele
miguel mike miguelito
mildred millie
miles myles
minerva minnie
miranda mandy randi
mitchell mitch
mohammed muhammad mohammad mohamed mo
molly mollie
monica mona
moses moe
nancy nan
natalia nat naty nati tasha
natalie nat tally nataly
natasha tasha nat
nathan nate nathaniel
nathaniel nathan nate nat
nicholas nicolas nick nicky nico klaus
nicole nicky nikki nic
nikita niki
nikolas nick niko
nora norah
norberto beto norbert
norman norm
octavio tavo
oliver ollie
olivia liv livvy
orlando lando
oscar ozzie
osvaldo valdo
oswaldo valdo
pablo pablito
pamela pam pammy
patricia pat patty patti tricia trish patsy
patricio pato
patrick pat paddy rick
paul paulie
paula paulina
pauline polly
pedro pete perico
penelope penny
percival percy
peter pete petey
philip phillip phil pip
philippa pippa
phyllis phyl
priscilla cilla prissy
quentin quinton quin
rachel rachael rach
rafael rafa ralph
ramon moncho ray
randall randy
raymond ray
rebecca becky becca rebekah reba
regina gina
reginald reg reggie
renata rena
rene renee
rhonda ronda
ricardo rick ricky richie cardo
richard rick ricky dick rich richie rico
rigoberto rigo beto
robert rob bob bobby robbie bert bobbie
roberta bobbie robbie
roberto beto bobby rob bob robert
rodney rod
rodolfo rudy fito
rodrigo rod rigo
roger rog
roland rollie
rolando rolo
ronald ron ronnie ronny
ronaldo ron
rosa rosie rosita
rosalie rosie rose
rosalinda rosa
rosanna rose
rosario chayo charo
rose rosie
rosemary rose rosie
roxanne roxanna roxy
ruben ben
rudolph rudy rudolf
russell russ rusty
ruth ruthie
sabrina bri
salvador chava sal
salvatore sal
samantha sam sammy sammie
samuel sam sammy
sandra sandy sandi
santiago santi
sara sarah sally sadie
saul sol
savannah savvy
sean shawn shaun
sebastian seb bastian
selena lena
serena rena
sergio checo
seymour sy
shannon shan
sharon shari
sheila shelia
shelby shel
sheldon shel
sherry sheri sherri shari
shirley shirl
sidney sydney sid
socorro coco
sofia sophia sophie sofi sophy
solomon sol
sonia sonya sonja
spencer spence
stacy stacey stacie
stanley stan
stephanie stefanie steph stef
stephen steven stephan stefan steve stevie
stuart stewart stu
susan susanna suzanne sue susie suzy suzie
susana susy
sylvia silvia syl
tabitha tabby
tamara tammy tami
tania tanya
tanisha nisha
tatiana tati tanya
taylor tay
teodora dora
teodoro teo
teresa theresa therese tere terry teri tess tessa
terrance terrence terry
terrence terence terry
theodora dora thea
theodore ted teddy theo
thomas tom tommy thom
tiffany tiff
timothy tim timmy
tobias toby
tobin toby
tomas tommy tom
tracy tracey traci
trevor trev
trinidad trini
tyler ty
tyrone ty
tyson ty
ulises uly
ulysses uly
valentin val
valentina val vale
valerie val
vanessa nessa
vernon vern
veronica vero
veronica vero ronnie roni
vicente chente vince
victor vic vick
victoria vicky vicki vickie tori
vincent vin vince vinny vinnie
violet vi
virginia ginny ginger gina
vivian viv
vladimir vlad
wallace wally
walter walt wally
wendy gwen
wesley wes
whitney whit
wilbur will
wilfred will fred
wilhelmina mina billie
william will bill billy willy willie liam bil
wilson will
winifred winnie freddie
winston win
xavier xavi
ximena mena
xiomara xio
yasmin jasmine yaz
yesenia jessenia yesi
yolanda yoli
yvette ivette evette
yvonne evonne
zachary zach zack zac zachery
zoe zoey
"""


def _by_name() -> dict[str, frozenset[int]]:
    lines: dict[str, set[int]] = {}
    for number, line in enumerate(_LINES.split("\n")):
        for name in line.split():
            lines.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in lines.items()}


_LINES_OF = _by_name()
_NO_LINES: frozenset[int] = frozenset()


def may_be_called(one: str, other: str) -> bool:
    """True when two folded given names are forms of one name: greg and gregory, peggy and margaret."""
    return one == other or not _LINES_OF.get(one, _NO_LINES).isdisjoint(_LINES_OF.get(other, _NO_LINES))


def is_given_name(word: str) -> bool:
    """True when the folded word is a given name we know, or a short form of one."""
    return word in _LINES_OF

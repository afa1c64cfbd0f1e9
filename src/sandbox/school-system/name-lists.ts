/** Common given and family names, by region. Any resemblance to a real person is a coincidence. */
export interface Culture {
  readonly female: readonly string[]
  readonly male: readonly string[]
  readonly family: readonly string[]
  readonly hasDoubleFamilyNames: boolean
}

interface Names {
  female: string
  male: string
  family: string
}

const english: Names = {
  female:
    'Emma,Olivia,Ava,Charlotte,Amelia,Harper,Abigail,Emily,Madison,Chloe,Grace,Hannah,Lily,Nora,Zoe,Megan,Rachel,Lauren,Jessica,Ashley,Sarah,Amanda,Heather,Nicole,Rebecca,Laura,Susan,Karen,Linda,Deborah',
  male: 'Liam,Noah,Oliver,James,William,Benjamin,Henry,Jack,Owen,Wyatt,Luke,Caleb,Ryan,Nathan,Dylan,Tyler,Brandon,Kevin,Justin,Matthew,Andrew,Joshua,Brian,Scott,Eric,Mark,Steven,Paul,Gary,Dennis',
  family:
    'Smith,Johnson,Brown,Miller,Davis,Wilson,Anderson,Taylor,Thomas,Moore,Jackson,Martin,Thompson,White,Harris,Clark,Lewis,Robinson,Walker,Young,Allen,King,Wright,Scott,Hill,Green,Adams,Baker,Nelson,Carter,Mitchell,Roberts,Turner,Phillips,Campbell,Parker,Evans,Edwards,Collins,Stewart,O’Brien,McCarthy',
}
const africanAmerican: Names = {
  female:
    'Aaliyah,Imani,Jada,Kiara,Ebony,Tiana,Nia,Destiny,Raven,Jasmine,Tamika,Latoya,Keisha,Monique,Danielle,Simone,Brianna,Kayla,Amari,Zuri,Shanice,Alicia,Gloria,Denise,Yvonne',
  male: 'Malik,Darius,Jamal,Marcus,Terrell,Andre,Isaiah,Elijah,Xavier,Jaylen,DeShawn,Tyrone,Reginald,Maurice,Cedric,Darnell,Kareem,Jalen,Micah,Trevon,Curtis,Leon,Clarence,Otis,Vernon',
  family:
    'Washington,Jefferson,Booker,Banks,Joseph,Mosley,Jackson,Williams,Charles,Dorsey,Rivers,Gaines,Singleton,Hairston,Bolden,Grant,Dixon,Coleman,Freeman,Franklin,Simmons,Boyd,Ellis,Hudson,Hinton,Battle,Mack,Pugh,Blount,Tolliver,Byrd,Vaughn',
}
const spanish: Names = {
  female:
    'María,Sofía,Valentina,Isabella,Camila,Lucía,Daniela,Gabriela,Ximena,Mariana,Carmen,Rosa,Guadalupe,Alejandra,Fernanda,Elena,Patricia,Verónica,Leticia,Paola,Yesenia,Marisol,Adriana,Beatriz,Juana',
  male: 'José,Juan,Luis,Carlos,Miguel,Diego,Santiago,Mateo,Alejandro,Jorge,Francisco,Javier,Ricardo,Eduardo,Fernando,Manuel,Rafael,Andrés,Raúl,Hugo,Óscar,Sergio,Emilio,Ángel,Pedro',
  family:
    'García,Rodríguez,Martínez,Hernández,López,González,Pérez,Sánchez,Ramírez,Torres,Flores,Rivera,Gómez,Díaz,Cruz,Reyes,Morales,Gutiérrez,Ortiz,Ramos,Ruiz,Mendoza,Castillo,Jiménez,Vargas,Romero,Herrera,Medina,Aguilar,Guzmán,Muñoz,Núñez,Salazar,Peña,Ríos,Soto',
}
const chinese: Names = {
  female:
    'Mei,Li,Xiu Ying,Jing,Yan,Fang,Hui,Lan,Na,Xin Yi,Yu Ting,Jia,Ling,Qian,Rui,Shu Fen,Wen,Ying,Zi Han,Tong',
  male: 'Wei,Jun,Ming,Hao,Lei,Feng,Tao,Chao,Yong,Jian,Peng,Bin,Zhi Qiang,Hao Ran,Yi Chen,Kai,Long,Bo,Guo,Cheng',
  family:
    'Wang,Li,Zhang,Liu,Chen,Yang,Huang,Zhao,Wu,Zhou,Xu,Sun,Ma,Zhu,Hu,Guo,He,Lin,Luo,Gao,Zheng,Liang,Xie,Tang,Deng,Feng,Cao,Peng,Zeng,Xiao',
}
const vietnamese: Names = {
  female: 'Linh,Anh,Hương,Lan,Mai,Thảo,Trang,Ngọc,Phương,Hà,Thu,Yến,Vy,My,Hạnh,Tuyết,Kim,Hoa,Diệp,Châu',
  male: 'Minh,Hùng,Dũng,Tuấn,Nam,Long,Quang,Bảo,Khoa,Đức,Huy,Phúc,Sơn,Thành,Trung,Vinh,Hiếu,Kiên,Tâm,Hải',
  family: 'Nguyễn,Trần,Lê,Phạm,Hoàng,Huỳnh,Phan,Vũ,Võ,Đặng,Bùi,Đỗ,Hồ,Ngô,Dương,Lý,Đinh,Mai,Trịnh,Lương',
}
const indian: Names = {
  female:
    'Priya,Ananya,Aisha,Divya,Kavya,Lakshmi,Meera,Neha,Pooja,Riya,Saanvi,Shreya,Sunita,Swati,Deepa,Anjali,Nisha,Rekha,Sita,Usha,Harpreet,Simran,Jasleen,Padma,Radha',
  male: 'Arjun,Rahul,Rohan,Aarav,Vikram,Sanjay,Amit,Anil,Deepak,Ravi,Suresh,Rajesh,Krishna,Karthik,Nikhil,Aditya,Ishaan,Manoj,Vivek,Gurpreet,Harjit,Prakash,Mohan,Ashok,Dev',
  family:
    'Patel,Sharma,Singh,Kumar,Gupta,Reddy,Shah,Iyer,Nair,Rao,Desai,Mehta,Joshi,Verma,Kaur,Gill,Chowdhury,Banerjee,Das,Menon,Pillai,Agarwal,Malhotra,Kapoor,Bhatt,Naidu,Mishra,Pandey,Trivedi,Sethi',
}
const arabic: Names = {
  female:
    'Fatima,Amina,Layla,Maryam,Noor,Yasmin,Zainab,Huda,Rania,Salma,Samira,Hanan,Khadija,Mona,Nadia,Lina,Dina,Iman,Rana,Sara,Aya,Jana,Ghada,Abeer,Nawal',
  male: 'Mohammed,Ahmed,Ali,Omar,Hassan,Hussein,Khalid,Yusuf,Ibrahim,Mahmoud,Mustafa,Karim,Tariq,Samir,Bilal,Hamza,Adam,Rami,Walid,Zaid,Faisal,Nabil,Jamil,Salim,Anwar',
  family:
    'Hassan,Ahmed,Ali,Khalil,Haddad,Mansour,Saleh,Nasser,Aziz,Farah,Khoury,Hamdan,Qasim,Said,Awad,Issa,Darwish,Rahman,Sabbagh,Najjar,Shaheen,Taha,Zaki,Bakr,Suleiman,Al-Masri,El-Amin,Abbas,Jaber,Barakat',
}
const westAfrican: Names = {
  female:
    'Adaeze,Chioma,Ngozi,Amara,Funmilayo,Folake,Temitope,Yewande,Abena,Akosua,Ama,Efua,Aminata,Fatou,Mariama,Awa,Ifeoma,Nneka,Bukola,Adwoa',
  male: 'Chinedu,Emeka,Obinna,Oluwaseun,Babatunde,Tunde,Femi,Kwame,Kofi,Kwabena,Yaw,Ousmane,Mamadou,Ibrahima,Amadou,Cheikh,Ikenna,Uche,Adebayo,Segun',
  family:
    'Okafor,Okonkwo,Adeyemi,Eze,Balogun,Obi,Nwosu,Ogunleye,Adebayo,Mensah,Owusu,Boateng,Asante,Diallo,Traoré,Ndiaye,Diop,Sow,Koné,Camara,Bangura,Kamara,Sesay,Osei,Appiah',
}
const eastAfrican: Names = {
  female:
    'Hodan,Ayaan,Sahra,Ifrah,Hamdi,Fartun,Selam,Tigist,Hiwot,Almaz,Makeda,Wanjiru,Achieng,Njeri,Akinyi,Aster,Rahel,Eden,Saron,Liya',
  male: 'Abdi,Abdullahi,Mohamud,Liban,Guled,Dawit,Yonas,Bereket,Tesfaye,Haile,Kamau,Otieno,Mwangi,Odhiambo,Kiprop,Samuel,Elias,Natnael,Biniam,Warsame',
  family:
    'Abdi,Mohamed,Warsame,Farah,Hussein,Jama,Yusuf,Tesfaye,Bekele,Haile,Gebre,Tadesse,Kamau,Mwangi,Otieno,Odhiambo,Kimani,Njoroge,Alemu,Desta,Worku,Girma,Isse,Nur,Ahmed',
}
const korean: Names = {
  female:
    'Ji-woo,Seo-yeon,Min-ji,Soo-jin,Hye-jin,Eun-ji,Yuna,Ha-eun,Ye-jin,Mi-sook,Young-hee,Da-eun,Su-bin,Jiyeon,Hana',
  male: 'Min-jun,Ji-hoon,Seo-jun,Hyun-woo,Dong-hyun,Sung-min,Jae-won,Young-ho,Tae-yang,Joon,Sang-hoon,Woo-jin,Ki-young,Do-yun,Eun-woo',
  family:
    'Kim,Lee,Park,Choi,Jung,Kang,Cho,Yoon,Jang,Lim,Han,Oh,Seo,Shin,Kwon,Hwang,Ahn,Song,Ryu,Hong,Moon,Yang,Bae,Baek,Nam',
}
const filipino: Names = {
  female:
    'Maricel,Rowena,Jocelyn,Angelica,Kristine,Lourdes,Corazon,Divina,Rosario,Imelda,Jasmine,Bea,Althea,Trisha,Nicole,Mylene,Cherry,Liza,Analyn,Grace',
  male: 'Jericho,Rommel,Arnel,Rodrigo,Jun,Danilo,Reynaldo,Ernesto,Efren,Jomar,Christian,John Paul,Mark Anthony,Nathaniel,Gabriel,Rico,Benigno,Ferdinand,Noel,Carlo',
  family:
    'Santos,Reyes,Cruz,Bautista,Ocampo,Garcia,Mendoza,Torres,Tomas,Andrada,Castillo,Flores,Villanueva,Ramos,Castro,Rivera,Aquino,Navarro,Salazar,Mercado,Dela Cruz,De Guzman,Pascual,Santiago,Soriano',
}
const slavic: Names = {
  female:
    'Anna,Katarzyna,Magdalena,Agnieszka,Oksana,Iryna,Natalia,Olena,Svetlana,Tatiana,Yulia,Daria,Zofia,Milena,Ivana,Jelena,Petra,Alina,Kateryna,Halyna',
  male: 'Jan,Piotr,Tomasz,Andrzej,Oleksandr,Dmytro,Mykola,Ivan,Sergei,Vladimir,Pavel,Andriy,Marek,Milan,Nikola,Bohdan,Viktor,Jakub,Stefan,Yuri',
  family:
    'Nowak,Kowalski,Wiśniewski,Wójcik,Kamiński,Shevchenko,Kovalenko,Bondarenko,Melnyk,Ivanov,Petrov,Volkov,Novák,Horvat,Jovanović,Petrović,Marković,Kozlov,Popov,Zieliński,Szymański,Tkachenko,Kravchuk,Lysenko,Babić',
}
const french: Names = {
  female:
    'Marie,Nathalie,Rose-Laure,Guerline,Mirlande,Widline,Camille,Chantal,Esther,Fabiola,Islande,Judith,Léa,Manon,Nadège,Régine,Sabine,Sophie,Yolande,Zoé',
  male: 'Jean,Pierre,Jacques,Wilner,Frantz,Jean-Baptiste,Emmanuel,Stanley,Wesley,Ricardo,Luc,Mathieu,Olivier,Patrice,Rodrigue,Serge,Thierry,Yves,Evens,Claude',
  family:
    'Jean-Baptiste,Pierre,Joseph,Charles,Louis,Toussaint,François,Alexandre,Baptiste,Desir,Dorvil,Fleury,Germain,Laurent,Michel,Noël,Petit-Frère,Saint-Louis,Théodore,Valcin,Augustin,Bernard,Dubois,Moreau,Lefèvre',
}
const portuguese: Names = {
  female:
    'Ana,Beatriz,Mariana,Júlia,Larissa,Letícia,Fernanda,Juliana,Patrícia,Renata,Luana,Bruna,Carolina,Inês,Joana,Raquel,Sónia,Helena,Catarina,Vitória',
  male: 'João,Pedro,Gabriel,Lucas,Rafael,Thiago,Bruno,Felipe,Gustavo,Rodrigo,Tiago,Vinícius,Caio,Nuno,Rui,Paulo,Antônio,Marcelo,Leandro,Davi',
  family:
    'Silva,Santos,Oliveira,Souza,Pereira,Costa,Ferreira,Almeida,Carvalho,Gomes,Martins,Araújo,Ribeiro,Barbosa,Rocha,Dias,Moreira,Teixeira,Correia,Cardoso,Fernandes,Lopes,Nunes,Monteiro,Tavares',
}
const persian: Names = {
  female:
    'Zahra,Maryam,Shirin,Nasrin,Parisa,Leila,Farzaneh,Mina,Niloufar,Roya,Setareh,Azadeh,Golnaz,Soraya,Freshta',
  male: 'Reza,Amir,Mehdi,Hamid,Farhad,Dariush,Behrouz,Kaveh,Navid,Arash,Siamak,Babak,Najib,Jawad,Hekmat',
  family:
    'Hosseini,Ahmadi,Mohammadi,Karimi,Rezaei,Moradi,Jafari,Rahimi,Sadeghi,Ebrahimi,Noori,Amiri,Haidari,Azizi,Nazari,Rostami,Bahrami,Farahani,Tehrani,Sharifi',
}
const japanese: Names = {
  female: 'Yuki,Sakura,Hina,Aoi,Yui,Akiko,Keiko,Naomi,Emi,Haruka,Mio,Rin,Tomoko,Yoko,Misaki',
  male: 'Haruto,Sota,Ren,Kenji,Takashi,Hiroshi,Daiki,Kaito,Yuto,Satoshi,Makoto,Shinji,Ryo,Kazuki,Akira',
  family:
    'Sato,Suzuki,Takahashi,Tanaka,Watanabe,Ito,Yamamoto,Nakamura,Kobayashi,Kato,Yoshida,Yamada,Sasaki,Matsumoto,Inoue,Kimura,Hayashi,Shimizu,Mori,Ikeda',
}

const single = [
  english,
  english,
  africanAmerican,
  chinese,
  vietnamese,
  indian,
  arabic,
  westAfrican,
  eastAfrican,
  korean,
  filipino,
  slavic,
  french,
  portuguese,
  persian,
  japanese,
]

/** A list that occurs twice is picked twice as often. */
export const cultures: readonly Culture[] = [
  ...single.map((names) => split(names, false)),
  ...[spanish, spanish, spanish].map((names) => split(names, true)),
]

function split(names: Names, hasDoubleFamilyNames: boolean): Culture {
  const list = (text: string) => text.split(',')
  return {
    female: list(names.female),
    male: list(names.male),
    family: list(names.family),
    hasDoubleFamilyNames,
  }
}

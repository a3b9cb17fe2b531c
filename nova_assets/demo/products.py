"""Product names of the demonstration company: per family, templates with the words that fill each placeholder."""

from __future__ import annotations

from itertools import product

Template = tuple[str, tuple[tuple[str, ...], ...]]

# fmt: off
PRODUCTS: dict[int, tuple[Template, ...]] = {
    10: (  # Conectores ópticos
        ("Conector óptico {} {}", (("SC/APC", "SC/UPC", "LC/APC", "LC/UPC", "FC/APC"), ("monomodo", "multimodo"))),
        ("Adaptador óptico {} {}", (("SC", "LC", "FC"), ("simplex", "duplex"))),
        ("Cordão óptico {} {}", (("SC-SC", "SC-LC", "LC-LC"), ("1m", "2m", "3m", "5m", "10m"))),
        ("Atenuador óptico {} {}", (("LC", "SC"), ("3dB", "5dB", "10dB", "15dB"))),
        ("Transceptor SFP {} {}", (("1G", "10G", "25G"), ("10km", "40km"))),
    ),
    11: (  # Cabos de fibra óptica
        ("Cabo óptico AS {} {} fibras", (("80", "120", "200"), ("6", "12", "24", "36", "48"))),
        ("Cabo óptico subterrâneo {} fibras {}", (("12", "24", "36", "72"), ("NR", "RC"))),
        ("Cabo drop {} {}", (("flat", "figura 8"), ("1 fibra", "2 fibras", "4 fibras"))),
        ("Cabo óptico blindado {} fibras {}", (("6", "12", "24"), ("monomodo", "multimodo"))),
    ),
    12: (  # Conectores RF
        ("Conector RF {}", (("N-macho", "N-fêmea", "7/16 DIN macho", "7/16 DIN fêmea", "4.3-10 macho", "SMA"),)),
        ("Conector RF {} para cabo {}", (("N-macho", "7/16 DIN", "4.3-10"), ('1/2"', '7/8"', '1 1/4"'))),
        ("Adaptador RF {} x {}", (("N-macho", "7/16 DIN", "4.3-10"), ("N-fêmea", "SMA", "BNC"))),
        ("Carga RF {} {}", (("N", "7/16 DIN"), ("2W", "10W", "50W"))),
        ("Isolador de emenda RF {}", (('1/2"', '7/8"', '1 1/4"', '1 5/8"'),)),
    ),
    13: (  # Cabos e jumpers RF
        ("Jumper RF {} {}", (("N-N", "N-7/16", "4.3-10"), ("1m", "2m", "3m", "5m", "10m"))),
        ("Cabo coaxial {} {}", (('1/2"', '7/8"', '1 1/4"', '1 5/8"'), ("superflexível", "corrugado"))),
        ("Cabo híbrido {} {}", (("3x4mm²", "6x6mm²", "9x10mm²"), ("12 fibras", "24 fibras"))),
        ("Kit de aterramento coaxial {}", (('1/2"', '7/8"', '1 1/4"', '1 5/8"'),)),
    ),
    14: (  # Antenas
        ("Antena painel {} {}", (("700/900", "1800/2100", "2600", "3500"), ("17dBi", "18dBi", "20dBi"))),
        ("Antena painel multibanda {} portas {}", (("4", "6", "8", "10"), ("1,5m", "2,0m", "2,6m"))),
        ("Antena parabólica {} {}", (("0,3m", "0,6m", "1,2m", "1,8m"), ("7GHz", "15GHz", "23GHz", "38GHz"))),
        ("Antena GPS {}", (("ativa 38dB", "ativa 26dB", "com supressor"),)),
    ),
    15: (  # Equipamentos de RF e enlace
        ("RRU {} {}", (("700MHz", "1800MHz", "2100MHz", "2600MHz", "3500MHz"), ("4x40W", "4x60W", "8x40W"))),
        ("Rádio enlace ODU {} {}", (("7GHz", "15GHz", "18GHz", "23GHz"), ("alta", "baixa"))),
        ("Combinador RF {} {}", (("2 vias", "3 vias", "4 vias"), ("700/900", "1800/2100", "banda larga"))),
        ("Amplificador TMA {}", (("900MHz", "1800MHz", "2100MHz", "dual band"),)),
        ("Placa {} banda base", (("de controle", "de transporte", "de processamento", "de alimentação"),)),
    ),
    20: (  # Retificadores e fontes
        ("Retificador 48V {}", (("25A", "30A", "50A", "60A", "75A", "100A"),)),
        ("Retificador -48V {} {}", (("30A", "50A"), ("hot-swap", "alta eficiência", "rack 19"))),
        ("Fonte chaveada {} {}", (("12V", "24V", "48V"), ("5A", "10A", "20A", "40A"))),
        ("Inversor {} {}", (("48Vcc/127Vca", "48Vcc/220Vca"), ("1000VA", "1500VA", "3000VA"))),
        ("Controladora de retificador {}", (("SCU", "com SNMP", "com GPRS", "compacta"),)),
        ("Conversor DC/DC {} {}", (("48V/24V", "24V/48V", "48V/12V"), ("10A", "20A", "40A"))),
    ),
    21: (  # Energia e baterias
        ("Bateria VRLA 12V {}", (("55Ah", "75Ah", "105Ah", "150Ah", "170Ah", "190Ah"),)),
        ("Bateria VRLA 2V {}", (("200Ah", "300Ah", "500Ah", "800Ah", "1000Ah"),)),
        ("Bateria lítio LFP 48V {} {}", (("50Ah", "100Ah", "150Ah"), ("3U", "com BMS", "antifurto"))),
        ("Bateria estacionária 12V {} {}", (("36Ah", "63Ah", "115Ah", "220Ah"), ("selada", "ventilada"))),
        ("Disjuntor de banco de baterias {}", (("125A", "160A", "250A", "400A"),)),
        ("Sensor de temperatura de bateria {}", (("NTC 3m", "NTC 5m", "NTC 10m"),)),
    ),
    22: (  # Grupos geradores
        ("Filtro de {} gerador {}", (("óleo", "combustível", "ar"), ("30kVA", "55kVA", "81kVA", "115kVA"))),
        ("Correia de gerador {}", (("A-42", "A-50", "B-60", "poly-V 8PK"),)),
        ("Bateria de partida {}", (("90Ah", "100Ah", "150Ah", "180Ah"),)),
        ("Motor de partida gerador {}", (("12V", "24V"),)),
        ("Placa AVR gerador {}", (("R438", "SX460", "AS440", "MX341"),)),
        ("Módulo de controle gerador {}", (("K30", "DSE 6120", "DSE 7320", "ComAp"),)),
        ("Sensor de {} gerador", (("pressão do óleo", "temperatura", "nível de combustível", "rotação"),)),
        ("Mangueira {} gerador {}", (("de radiador", "de combustível"), ("30kVA", "55kVA", "81kVA"))),
    ),
    23: (  # Material elétrico
        ("Disjuntor {} {}", (("monopolar", "bipolar", "tripolar"), ("10A", "16A", "20A", "32A", "50A", "63A", "100A"))),
        ("Contator tripolar {}", (("9A", "18A", "25A", "40A", "65A"),)),
        ("Cabo flexível {} {}", (("2,5mm²", "4mm²", "6mm²", "10mm²", "16mm²"), ("preto", "azul", "verde"))),
        ("Tomada industrial {} {}", (("2P+T", "3P+T", "3P+N+T"), ("16A", "32A"))),
        ("Relé {}", (("falta de fase", "temporizador", "térmico", "de nível", "fotoelétrico"),)),
        ("Quadro de distribuição {}", (("6 polos", "12 polos", "18 polos", "24 polos"),)),
    ),
    24: (  # Aterramento e SPDA
        ("Haste de aterramento {} {}", (('5/8"', '3/4"'), ("2,4m", "3,0m"))),
        ("Cabo de cobre nu {}", (("16mm²", "25mm²", "35mm²", "50mm²", "70mm²", "95mm²"),)),
        ("Solda exotérmica {}", (("nº 32", "nº 65", "nº 90", "nº 115", "nº 150"),)),
        ("Conector de aterramento {} {}", (("cabo-haste", "cabo-cabo", "split-bolt"), ("16-35mm²", "35-70mm²"))),
        ("Captor {} SPDA {}", (("Franklin", "terminal aéreo"), ("1 descida", "2 descidas"))),
        ("Barra de equalização {}", (("6 terminais", "9 terminais", "11 terminais", "20 terminais"),)),
        ("Caixa de inspeção {}", (("PVC 250mm", "PVC 300mm", "concreto"),)),
        ("Terminal de compressão {} {}", (("16mm²", "25mm²", "35mm²", "50mm²"), ("1 furo", "2 furos"))),
    ),
    25: (  # Proteção contra surtos
        ("DPS classe {} {} {}", (("I", "II"), ("175V", "275V", "385V"), ("20kA", "40kA", "60kA", "80kA"))),
        ("DPS coaxial {} {}", (("N", "7/16 DIN", "F"), ("DC-3GHz", "DC-6GHz"))),
        ("DPS para {}", (("Ethernet PoE", "RS-485", "linha telefônica", "48Vcc 20kA", "48Vcc 40kA"),)),
        ("Módulo de reposição DPS {} {}", (("175V", "275V"), ("20kA", "40kA", "60kA"))),
        ("Centelhador {}", (("90V", "230V", "350V", "600V"),)),
    ),
    30: (  # Refrigeração
        (
            "Ar-condicionado {} {}",
            (
                ("wall-mounted", "split", "compacto"),
                ("9.000 BTU", "12.000 BTU", "18.000 BTU", "24.000 BTU"),
            ),
        ),
        ("Compressor {} {}", (("rotativo", "scroll"), ("12.000 BTU", "18.000 BTU", "24.000 BTU", "36.000 BTU"))),
        ("Motor ventilador {} {}", (("condensador", "evaporador"), ("1/4 cv", "1/3 cv", "1/2 cv"))),
        ("Gás refrigerante {} {}", (("R-22", "R-410A", "R-407C", "R-134a"), ("11,3kg", "13,6kg"))),
        ("Filtro de ar {} {}", (("G4", "M5", "lavável"), ("300x300mm", "500x500mm"))),
        ("Ventilador free-cooling 48V {}", (("200m³/h", "400m³/h", "800m³/h"),)),
        ("Termostato {}", (("digital", "mecânico", "duplo estágio"),)),
        ("Capacitor {}", (("25µF", "35µF", "45µF", "60µF"),)),
    ),
    31: (  # Iluminação e balizamento
        ("Balizador LED {} {}", (("simples", "duplo", "média intensidade"), ("48Vcc", "127Vca", "220Vca"))),
        ("Lâmpada de balizamento {}", (("LED E27", "LED E40", "116W 127V", "116W 220V"),)),
        ("Controlador de balizamento {}", (("1 nível", "2 níveis", "com alarme"),)),
        ("Refletor LED {} {}", (("30W", "50W", "100W", "200W"), ("bivolt", "48Vcc"))),
        ("Luminária {} {}", (("de emergência", "tartaruga", "tubular"), ("18W", "36W"))),
        ("Célula fotoelétrica {}", (("127V", "220V", "48Vcc", "bivolt"),)),
        ("Cabo de balizamento {}", (("2x1,5mm²", "2x2,5mm²", "3x2,5mm²"),)),
        ("Suporte de balizador {}", (("simples", "duplo", "lateral", "de topo"),)),
    ),
    40: (  # Parafusos e fixação
        (
            "Parafuso sextavado {} {}",
            (
                ("M6x25", "M8x30", "M8x60", "M10x40", "M10x100", "M12x50", "M12x120", "M16x60"),
                ("galvanizado", "inox"),
            ),
        ),
        ("Porca sextavada {} {}", (("M6", "M8", "M10", "M12", "M16", "M20"), ("galvanizada", "inox"))),
        ("Arruela {} {}", (("lisa", "pressão"), ("M8", "M10", "M12", "M16"))),
        ("Abraçadeira tipo U {}", (('1"', '1 1/2"', '2"', '2 1/2"', '3"', '4"'),)),
        ("Chumbador {} {}", (("parabolt", "químico"), ('3/8"', '1/2"', '5/8"'))),
        ("Grampo {} {}", (("de cabo de aço", "tensor"), ('3/16"', '1/4"', '5/16"'))),
    ),
    41: (  # Estrutura metálica
        ("Suporte de antena {} {}", (("simples", "duplo", "triplo", "regulável"), ('2"', '3"', '4"'))),
        ("Montante de torre {} {}", (("triangular", "quadrada"), ("3m", "6m"))),
        ("Cantoneira {} {}", (('2"x1/4"', '2 1/2"x1/4"', '3"x5/16"', '4"x3/8"'), ("3m", "6m"))),
        ("Escada marinheiro {}", (("3m", "6m", "com guarda-corpo", "com trava-quedas"),)),
        ("Plataforma de trabalho {} {}", (("triangular", "circular"), ("1,2m", "1,8m"))),
        ("Esteira horizontal {} {}", (("200mm", "300mm", "400mm"), ("3m", "6m"))),
        ("Mastro {} {}", (('2"', '3"', '4"'), ("3m", "6m"))),
    ),
    42: (  # Abrigos e gabinetes
        ("Chapa {} {}", (("galvanizada", "de alumínio", "expandida"), ("1,5mm", "2,0mm", "3,0mm"))),
        ("Painel termoisolante {} {}", (("EPS", "PIR", "lã de rocha"), ("50mm", "75mm", "100mm"))),
        ("Piso elevado {} {}", (("metálico", "vinílico"), ("600x600mm", "antiestático"))),
        ("Manta {} {}", (("asfáltica", "aluminizada", "térmica"), ("3mm", "4mm"))),
        ("Tela {} {}", (("alambrado", "concertina plana", "soldada"), ("fio 12", "fio 14"))),
        ("Brita {}", (("nº 0", "nº 1", "nº 2"),)),
        ("Telha {} {}", (("trapezoidal", "sanduíche"), ("0,43mm", "0,50mm", "0,65mm"))),
        ("Borracha isolante {}", (("1kV", "17kV", "30kV"),)),
    ),
    50: (  # Ferramentas e EPI
        ("Luva {} {}", (("isolante", "de vaqueta", "nitrílica", "anticorte"), ("P", "M", "G"))),
        ("Capacete {}", (("classe B com jugular", "com viseira", "de alpinismo"),)),
        ("Cinto paraquedista {} {}", (("4 pontos", "5 pontos"), ("M", "G"))),
        ("Talabarte {}", (("em Y com ABS", "de posicionamento", "regulável"),)),
        ("Trava-quedas {}", (("para cabo 8mm", "retrátil 6m", "retrátil 10m"),)),
        ("Botina de segurança nº {}", (("38", "39", "40", "41", "42", "43"),)),
        ("Alicate {}", (("de crimpar RJ45", "de compressão", "universal", "de corte"),)),
        ("Chave {}", (("de torque", "estrela 13-14", "combinada 19", "inglesa 12"),)),
        ("Óculos de segurança {}", (("incolor", "fumê", "antiembaçante"),)),
        ("Protetor solar {}", (("FPS 30", "FPS 60"),)),
    ),
    51: (  # Consumíveis
        ("Fita {} {}", (("isolante", "autofusão", "dupla face", "de alta fusão"), ("10m", "20m"))),
        ("Abraçadeira plástica {} {}", (("100mm", "200mm", "300mm", "400mm"), ("preta", "branca"))),
        ("Tubo termocontrátil {} {}", (('1/4"', '1/2"', '3/4"', '1"'), ("preto", "com cola"))),
        ("Selante {} {}", (("de silicone", "PU", "butílico"), ("280g", "400g"))),
        ("Spray {} {}", (("galvanização a frio", "limpa-contato", "desengripante"), ("300ml", "500ml"))),
        ("Álcool isopropílico {}", (("500ml", "1L", "5L"),)),
        ("Lacre {}", (("numerado azul", "numerado amarelo", "metálico"),)),
        ("Identificador de cabo {}", (("0-9", "A-Z", "laminado"),)),
    ),
    52: (  # Segurança patrimonial
        ("Câmera {} {}", (("bullet", "dome", "speed dome", "térmica"), ("2MP", "4MP", "8MP"))),
        ("Sensor {} {}", (("de presença", "de abertura", "de fumaça", "de quebra"), ("com fio", "sem fio"))),
        ("Fechadura {}", (("eletroímã", "biométrica", "de gabinete", "tetra"),)),
        ("Cadeado {} {}", (("antifurto", "com segredo único"), ("40mm", "50mm", "60mm"))),
        ("Central de alarme {}", (("8 zonas", "16 zonas", "GPRS", "monitorada"),)),
        ("Sirene {}", (("12V", "48V", "sem fio"),)),
        ("Controle de acesso {}", (("RFID", "por senha", "facial"),)),
        ("Concertina {}", (("300mm", "450mm", "dupla"),)),
        ("NVR {}", (("8 canais", "16 canais", "32 canais"),)),
    ),
}

SERVICES: tuple[Template, ...] = (
    ("Roçagem e limpeza de {}", (("site urbano", "site rural", "estrada de acesso"),)),
    ("Pintura de {}", (("torre até 40m", "torre até 80m", "gradil", "abrigo"),)),
    (
        "Locação de {}",
        (
            ("guindaste 30t", "guindaste 60t", "plataforma elevatória", "gerador 55kVA", "caminhão munck"),
        ),
    ),
    (
        "Serviço de {}",
        (
            ("solda em altura", "fusão de fibra", "medição de aterramento", "laudo de SPDA", "varredura PIM"),
        ),
    ),
    ("Frete {}", (("dedicado até 500km", "dedicado até 1000km", "fracionado", "aéreo emergencial"),)),
    ("Obra civil: {}", (("base de concreto", "alambrado", "drenagem", "muro de arrimo"),)),
    ("Manutenção {}", (("de gerador", "de ar-condicionado", "de cerca elétrica", "de extintores"),)),
    ("Abastecimento de diesel {}", (("urbano", "rural", "emergencial"),)),
    ("Vistoria {}", (("estrutural", "de torre com drone", "de energia", "de recebimento"),)),
)
# fmt: on


def expand(templates: tuple[Template, ...]) -> list[str]:
    """Every name that the templates give, interleaved so that neighbours are of different kinds."""
    expansions = [[template.format(*words) for words in product(*lists)] for template, lists in templates]
    longest = max(map(len, expansions))
    return [names[i] for i in range(longest) for names in expansions if i < len(names)]

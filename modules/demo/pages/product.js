// Builds the product page out of what mapi answers, as the real site's own script does. The page is put together outside
// of the document and attached in one piece, so that nobody ever sees half of it.
(function () {
  'use strict';
  var code = location.pathname.split('/').pop();
  // On the real host the data comes from mapi; opened on loopback the same server has it.
  var api = /(^|\.)ticketlink\.co\.kr$/.test(location.hostname) ? 'https://mapi.ticketlink.co.kr' : '';
  function el(name, cls, text) {
    var e = document.createElement(name);
    if (cls) { e.className = cls; }
    if (text !== undefined) { e.textContent = text; }
    return e;
  }
  function item(title, desc) {
    var li = el('li', 'product_info_item');
    li.appendChild(el('span', 'product_info_title', title));
    var box = el('div', 'product_info_desc');
    if (typeof desc === 'string') { box.textContent = desc; } else { box.appendChild(desc); }
    li.appendChild(box);
    return li;
  }
  function sublist(rows, unit) {
    var ul = el('ul', 'product_info_sublist');
    rows.forEach(function (r) {
      var li = el('li', 'product_info_subitem', r[0] + ' ');
      li.appendChild(el('em', 'text_emphasis', r[1]));
      li.appendChild(document.createTextNode(' ' + unit));
      ul.appendChild(li);
    });
    return ul;
  }
  function heading(p) {
    var info = el('div', 'product_detail_info');
    var flag = el('div', 'product_flag'), area = el('div', 'flag_area');
    p.flags.forEach(function (f) { area.appendChild(el('span', 'flag', f)); });
    flag.appendChild(area);
    info.appendChild(flag);
    var head = el('div', 'product_heading');
    head.appendChild(el('h1', 'product_title', p.productName));
    info.appendChild(head);
    return info;
  }
  function build(p) {
    var main = el('main', 'common_container page_detail'), section = el('section', 'common_section section_product_info');
    var info = heading(p), body = el('div', 'product_info');
    var facts = el('ul', 'product_info_list type_col2'), money = el('ul', 'product_info_list type_col2');
    facts.appendChild(item('장소', p.hallName));
    if (p.runningTime) { facts.appendChild(item('관람시간', p.runningTime)); }
    facts.appendChild(item('기간', p.period));
    facts.appendChild(item('관람등급', p.viewClass));
    if (p.prices.length) { money.appendChild(item('가격', sublist(p.prices, '원'))); }
    money.appendChild(item('할인', sublist([['장애인 및 국가유공자', '50'], ['조기예매', '20']], '% 할인')));
    body.appendChild(facts);
    body.appendChild(money);
    info.appendChild(body);
    var poster = el('div', 'product_detail_imgbox'), img = el('img', 'product_detail_img');
    img.alt = p.productName;
    img.setAttribute('src', p.productImagePath);
    poster.appendChild(img);
    section.appendChild(poster);
    section.appendChild(info);
    main.appendChild(section);
    var casting = el('div', 'product_casting_list');
    p.cast.forEach(function (c) {
      var one = el('div', 'product_casting_item');
      one.appendChild(el('span', 'product_casting_role', c[1]));
      one.appendChild(el('span', 'product_casting_name', c[0]));
      casting.appendChild(one);
    });
    main.appendChild(casting);
    main.appendChild(el('p', 'simulation', '시연용 시뮬레이션 페이지입니다.'));
    return main;
  }
  fetch(api + '/mapi/product/' + encodeURIComponent(code)).then(function (r) { return r.json(); }).then(function (a) {
    if (a.data) { document.getElementById('root').appendChild(build(a.data)); }
  });
})();

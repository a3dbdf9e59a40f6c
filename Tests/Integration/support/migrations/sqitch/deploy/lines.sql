begin;
create table public.order_lines (order_id bigint references public.orders, amount numeric not null);
comment on table public.order_lines is 'what an order is made of';
commit;

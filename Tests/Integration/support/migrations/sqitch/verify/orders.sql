select id, customer from public.orders where false;

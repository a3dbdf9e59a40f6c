select order_id, amount from public.order_lines where false;
